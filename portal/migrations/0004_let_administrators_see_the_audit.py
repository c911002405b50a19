"""Let the group Administrator see the audit."""

from django.db import migrations

GROUP, APP, MODEL, CODENAME = "Administrator", "portal", "auditentry", "view_auditentry"


def allow(apps, schema_editor):
    database = schema_editor.connection.alias
    content_types = apps.get_model("contenttypes", "ContentType").objects.using(database)
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    groups = apps.get_model("auth", "Group").objects.using(database)
    content_type, _made = content_types.get_or_create(app_label=APP, model=MODEL)
    permission, _made = permissions.get_or_create(
        content_type=content_type, codename=CODENAME, defaults={"name": "Can view audit entry"}
    )
    for group in groups.filter(name=GROUP):
        group.permissions.add(permission)


def forbid(apps, schema_editor):
    database = schema_editor.connection.alias
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    permissions.filter(content_type__app_label=APP, codename=CODENAME).delete()


class Migration(migrations.Migration):
    dependencies = [("portal", "0003_keep_changes_of_rights")]

    operations = [migrations.RunPython(allow, forbid)]
