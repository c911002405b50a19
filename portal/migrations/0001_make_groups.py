"""Make the groups: Viewer, PM, Engineer, Administrator.

Django makes permission rows only after all migrations, so the ones that the groups need are made
here, by the names that Django gives them; later it finds them and leaves them alone. A group that
is there already keeps its members and what it may do besides.
"""

from django.db import migrations

REGISTRY = ("customer", "site", "zone", "experiment", "entrypoint")
SEEN = ("script", "fieldprovenance", "changeset", "scanjob")
RUNS = ("run", "runfile", "hostheartbeat")

VIEW = [
    *(("registry_app", model, "view") for model in REGISTRY + SEEN),
    *(("runs_app", model, "view") for model in RUNS),
]
CURATE = [
    *(("registry_app", model, verb) for model in REGISTRY for verb in ("add", "change", "delete")),
    ("registry_app", "scanjob", "add"),
]
RUN = [("runs_app", "run", "queue"), ("runs_app", "run", "cancel")]
USERS = [
    ("auth", model, verb)
    for model in ("user", "group")
    for verb in ("view", "add", "change", "delete")
]
GROUPS = {
    "Viewer": VIEW,
    "PM": VIEW + CURATE,
    "Engineer": VIEW + RUN,
    "Administrator": VIEW + CURATE + RUN + USERS,
}
OWN_NAMES = {"queue_run": "Can run scripts", "cancel_run": "Can cancel runs"}


def make_groups(apps, schema_editor):
    database = schema_editor.connection.alias
    content_types = apps.get_model("contenttypes", "ContentType").objects.using(database)
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    groups = apps.get_model("auth", "Group").objects.using(database)
    rows = {}
    for app, model, verb in GROUPS["Administrator"]:
        content_type, _made = content_types.get_or_create(app_label=app, model=model)
        codename = f"{verb}_{model}"
        label = apps.get_model(app, model)._meta.verbose_name
        name = OWN_NAMES.get(codename, f"Can {verb} {label}")
        rows[app, model, verb], _made = permissions.get_or_create(
            content_type=content_type, codename=codename, defaults={"name": name}
        )
    for name, wanted in GROUPS.items():
        group, _made = groups.get_or_create(name=name)
        group.permissions.add(*(rows[key] for key in wanted))


def remove_groups(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    groups.filter(name__in=GROUPS).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("registry_app", "0001_initial"),
        ("runs_app", "0001_initial"),
    ]

    operations = [migrations.RunPython(make_groups, remove_groups)]
