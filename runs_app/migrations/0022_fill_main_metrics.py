"""Give every task type that a scan knows its main metric; portals may change them."""

from django.db import migrations

from runs_app.comparing.default_metrics import DEFAULTS


def fill(apps, schema_editor):
    rows = apps.get_model("runs_app", "MainMetric").objects.using(schema_editor.connection.alias)
    for task_type, names in DEFAULTS.items():
        rows.get_or_create(
            task_type=task_type, defaults={"names": list(names), "direction": "name"}
        )


class Migration(migrations.Migration):
    dependencies = [("runs_app", "0021_keep_what_lists_show")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
