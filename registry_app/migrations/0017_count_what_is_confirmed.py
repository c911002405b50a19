"""Counts what of each experiment's metadata is more than a guess of a scan.

What is written here is the rule of this version; later ones count again at each change.
"""

from django.db import migrations

BATCH = 500
WANTED = 7


def confirmed_of(row, entry_points, scanned):
    zone = row.zone
    site = zone.site if zone else None
    values = {
        "site.customer": site.customer.name if site else "",
        "site.region": site.region if site else "",
        "site.plant": site.plant if site else "",
        "site.zone": zone.name if zone else "",
        "task.type": row.task_type,
        "task.classes": row.classes,
    }
    facts = sum(bool(value) and name not in scanned for name, value in values.items())
    facts += any(
        one.default_script and f"entry_points.{one.type}.default" not in scanned
        for one in entry_points
    )
    return facts * 100 // WANTED


def forward(apps, schema_editor):
    experiments = apps.get_model("registry_app", "Experiment")
    entry_points = apps.get_model("registry_app", "EntryPoint")
    origins = apps.get_model("registry_app", "FieldProvenance")
    last = 0
    rows = experiments.objects.select_related("zone__site__customer").order_by("pk")
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        pks = [row.pk for row in batch]
        entries, scanned = {}, {}
        for one in entry_points.objects.filter(experiment__in=pks):
            entries.setdefault(one.experiment_id, []).append(one)
        guesses = origins.objects.filter(experiment__in=pks, source="scanned")
        for pk, name in guesses.values_list("experiment_id", "field"):
            scanned.setdefault(pk, set()).add(name)
        for row in batch:
            found = confirmed_of(row, entries.get(row.pk, ()), scanned.get(row.pk, ()))
            # What was not counted at the last change is not known either.
            row.confirmed = min(found, row.completeness)
        experiments.objects.bulk_update(batch, ["confirmed"])
        last = batch[-1].pk


class Migration(migrations.Migration):
    dependencies = [("registry_app", "0016_tell_guesses_from_facts")]

    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]
