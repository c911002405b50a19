"""Let every group see the main metrics, and the group Administrator change them."""

from django.db import migrations

APP, MODEL = "runs_app", "mainmetric"
SEE = ("view",)
GROUPS = {
    "Viewer": SEE,
    "PM": SEE,
    "Engineer": SEE,
    "Administrator": ("view", "add", "change", "delete"),
}


def allow(apps, schema_editor):
    database = schema_editor.connection.alias
    content_types = apps.get_model("contenttypes", "ContentType").objects.using(database)
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    groups = apps.get_model("auth", "Group").objects.using(database)
    content_type, _made = content_types.get_or_create(app_label=APP, model=MODEL)
    for name, verbs in GROUPS.items():
        for verb in verbs:
            permission, _made = permissions.get_or_create(
                content_type=content_type,
                codename=f"{verb}_{MODEL}",
                defaults={"name": f"Can {verb} main metric"},
            )
            for group in groups.filter(name=name):
                group.permissions.add(permission)


def forbid(apps, schema_editor):
    database = schema_editor.connection.alias
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    permissions.filter(content_type__app_label=APP, content_type__model=MODEL).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0006_say_which_guesses_wait"),
        ("runs_app", "0021_keep_what_lists_show"),
    ]

    operations = [migrations.RunPython(allow, forbid)]
