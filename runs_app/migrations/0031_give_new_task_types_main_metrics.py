"""Give the task types that scans came to know later their main metrics, where they are missing.

A row that an Administrator has deleted stays deleted: the log of the admin names it.
"""

from django.db import migrations

from runs_app.comparing.default_metrics import DEFAULTS

ADDED = (
    *("gauge", "caught-in", "signaller", "opening", "ladder", "scaffold", "heavy-equipment"),
    *("bct", "phone-use"),
)
DELETION = 3  # django.contrib.admin.models.DELETION


def fill(apps, schema_editor):
    using = schema_editor.connection.alias
    rows = apps.get_model("runs_app", "MainMetric").objects.using(using)
    deleted = set(
        apps.get_model("admin", "LogEntry")
        .objects.using(using)
        .filter(
            action_flag=DELETION,
            content_type__app_label="runs_app",
            content_type__model="mainmetric",
            object_repr__in=ADDED,
        )
        .values_list("object_repr", flat=True)
    )
    for task_type in ADDED:
        if task_type not in deleted:
            rows.get_or_create(
                task_type=task_type,
                defaults={"names": list(DEFAULTS[task_type]), "direction": "name"},
            )


class Migration(migrations.Migration):
    dependencies = [
        ("runs_app", "0030_confirm_files_of_run_sets"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
