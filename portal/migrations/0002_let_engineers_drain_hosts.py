"""Let engineers and administrators drain worker hosts."""

from django.db import migrations

GROUPS = ("Engineer", "Administrator")


def let_drain(apps, schema_editor):
    database = schema_editor.connection.alias
    content_types = apps.get_model("contenttypes", "ContentType").objects.using(database)
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    content_type, _made = content_types.get_or_create(
        app_label="runs_app", model="hostheartbeat"
    )
    permission, _made = permissions.get_or_create(
        content_type=content_type, codename="drain_host", defaults={"name": "Can drain hosts"}
    )
    for group in apps.get_model("auth", "Group").objects.using(database).filter(name__in=GROUPS):
        group.permissions.add(permission)


def forget(apps, schema_editor):
    database = schema_editor.connection.alias
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    permissions.filter(codename="drain_host", content_type__app_label="runs_app").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0001_make_groups"),
        ("runs_app", "0005_give_gpus_and_drain_hosts"),
    ]

    operations = [migrations.RunPython(let_drain, forget)]
