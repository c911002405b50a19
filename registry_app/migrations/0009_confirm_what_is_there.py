"""Let the entry points that are there count as confirmed: until now their commands were run.

The fields are taken over as they are written. Where the path leads is looked up when the command
is compared, as no migration should depend on which folders are mounted. A later change differs
from what stands here, and is seen.
"""

from django.db import migrations
from django.utils import timezone

ROWS_AT_ONCE = 200


def confirm(apps, schema_editor):
    database = schema_editor.connection.alias
    entry_points = apps.get_model("registry_app", "EntryPoint").objects.using(database)
    confirmations = apps.get_model("registry_app", "Confirmation")
    now = timezone.now()
    rows = (
        confirmations(entry_point_id=row.pk, values=_values(row), how="upgrade", at=now)
        for row in entry_points.filter(confirmation=None).select_related("experiment").iterator()
    )
    confirmations.objects.using(database).bulk_create(rows, batch_size=ROWS_AT_ONCE)


def _values(row):
    values = {
        "path": row.experiment.path,
        "type": row.type,
        "default": row.default_script,
        "args_template": row.args_template,
        "parameters": [
            {key: one[key] for key in one if key != "help"} for one in row.parameters or ()
        ],
        "interpreter": row.interpreter,
    }
    return values if row.default_script else {**values, "patterns": row.patterns}


class Migration(migrations.Migration):
    dependencies = [("registry_app", "0008_confirm_commands")]

    operations = [migrations.RunPython(confirm, migrations.RunPython.noop)]
