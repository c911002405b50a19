"""Let every group see promotions, and engineers and administrators request and approve them."""

from django.db import migrations

APP, MODEL = "runs_app", "promotion"
VIEW = (f"view_{MODEL}", "Can view promotion")
PROMOTE = ("promote", "Can request and approve promotions")
GROUPS = {
    "Viewer": (VIEW,),
    "PM": (VIEW,),
    "Engineer": (VIEW, PROMOTE),
    "Administrator": (VIEW, PROMOTE),
}


def allow(apps, schema_editor):
    database = schema_editor.connection.alias
    content_types = apps.get_model("contenttypes", "ContentType").objects.using(database)
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    groups = apps.get_model("auth", "Group").objects.using(database)
    content_type, _made = content_types.get_or_create(app_label=APP, model=MODEL)
    for name, granted in GROUPS.items():
        for codename, label in granted:
            permission, _made = permissions.get_or_create(
                content_type=content_type, codename=codename, defaults={"name": label}
            )
            for group in groups.filter(name=name):
                group.permissions.add(permission)


def forbid(apps, schema_editor):
    database = schema_editor.connection.alias
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    permissions.filter(content_type__app_label=APP, content_type__model=MODEL).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0008_remember_visits"),
        ("runs_app", "0027_keep_promotions"),
    ]

    operations = [migrations.RunPython(allow, forbid)]
