"""Keeps for the home page which experiments an upgrade brought back to stage 1."""

from django.db import migrations
from django.db.models import F, Q

NAMED = 50


def forward(apps, schema_editor):
    experiments = apps.get_model("registry_app", "Experiment")._base_manager.order_by("name")
    waiting = experiments.filter(confirmed__lt=F("completeness")).count()
    if not waiting:
        return
    had_more = Q(stage_held__gte=2) | Q(stage_held=None, completeness=100)
    fell = experiments.filter(had_more, confirmed__lt=100)
    detail = {
        "waiting": waiting,
        "fell": fell.count(),
        "names": list(fell.values_list("name", flat=True)[:NAMED]),
    }
    apps.get_model("portal", "UpgradeNotice").objects.create(kind="guesses", detail=detail)


def backward(apps, schema_editor):
    apps.get_model("portal", "UpgradeNotice").objects.filter(kind="guesses").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0005_keep_notices_of_upgrades"),
        ("registry_app", "0017_count_what_is_confirmed"),
    ]

    operations = [migrations.RunPython(forward, backward)]
