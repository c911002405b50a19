"""Let experiments go on with the MLflow experiment that their latest run was sent to.

Nothing is renamed by that: no name is kept that a later one is compared with.
"""

from __future__ import annotations

from django.db import migrations
from django.db.models import Max


def fill(apps, schema_editor):
    alias = schema_editor.connection.alias
    runs = apps.get_model("runs_app", "Run").objects.using(alias)
    rows = apps.get_model("runs_app", "MlflowExperiment").objects.using(alias)
    sent = runs.exclude(mlflow_experiment_id="")
    latest = sent.order_by().values("experiment").annotate(latest=Max("pk")).values("latest")
    for run in runs.filter(pk__in=latest).iterator(chunk_size=500):
        rows.get_or_create(
            experiment_id=run.experiment_id,
            defaults={"mlflow_id": run.mlflow_experiment_id, "name": run.mlflow_experiment},
        )


class Migration(migrations.Migration):
    dependencies = [("runs_app", "0013_keep_mlflow_experiments")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
