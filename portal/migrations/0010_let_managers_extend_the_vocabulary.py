"""Let every group see the vocabulary, and PMs and administrators extend it."""

from django.db import migrations

APP, MODEL = "registry_app", "vocabularyword"
SEE = ("view",)
CURATE = ("view", "add", "change", "delete")
GROUPS = {"Viewer": SEE, "PM": CURATE, "Engineer": SEE, "Administrator": CURATE}


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
                defaults={"name": f"Can {verb} vocabulary word"},
            )
            for group in groups.filter(name=name):
                group.permissions.add(permission)


def forbid(apps, schema_editor):
    database = schema_editor.connection.alias
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    permissions.filter(content_type__app_label=APP, content_type__model=MODEL).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0009_let_engineers_promote"),
        ("registry_app", "0035_keep_a_vocabulary"),
    ]

    operations = [migrations.RunPython(allow, forbid)]
