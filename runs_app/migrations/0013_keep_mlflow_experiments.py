"""Keep which MLflow experiment the runs of an experiment go to."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry_app", "__first__"),
        ("runs_app", "0012_note_why_runs_failed"),
    ]

    operations = [
        migrations.CreateModel(
            name="MlflowExperiment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("mlflow_id", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=500)),
                ("wanted_name", models.CharField(blank=True, max_length=500)),
                ("created_ms", models.BigIntegerField(blank=True, null=True)),
                (
                    "experiment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mlflow",
                        to="registry_app.experiment",
                        verbose_name="experiment",
                    ),
                ),
            ],
            options={
                "verbose_name": "MLflow experiment",
                "verbose_name_plural": "MLflow experiments",
                "indexes": [models.Index(fields=["mlflow_id"], name="mlflow_experiment_id")],
            },
        ),
    ]
