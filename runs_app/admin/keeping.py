"""Protects experiments that have runs from deletion: runs are the record of what was started."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import actions
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext

from registry_app.models import Experiment

MAX_SHOWN = 5


@admin.action(
    permissions=["delete"],
    description=actions.delete_selected.short_description,  # type: ignore[attr-defined]
)
def delete_selected(
    model_admin: Any, request: HttpRequest, experiments: QuerySet[Experiment]
) -> HttpResponse | None:
    """Delete experiments after confirmation; if some have runs, report why they cannot be."""
    if refuse_to_delete(request, experiments):
        return None
    return actions.delete_selected(model_admin, request, experiments)


def refuse_to_delete(request: HttpRequest, experiments: QuerySet[Experiment]) -> bool:
    """Report why each experiment with runs is not deleted; return whether there is one."""
    chosen = Experiment.objects.filter(pk__in=experiments.values("pk"))
    used = chosen.annotate(run_count=Count("runs")).filter(run_count__gt=0)
    reasons = [_why(experiment.name, experiment.run_count) for experiment in used[:MAX_SHOWN]]
    for sentence in reasons:
        messages.error(request, sentence)
    return bool(reasons)


def _why(name: str, count: int) -> str:
    return ngettext(
        "{experiment} has {count} run and cannot be deleted: the record of what was started is "
        "kept on purpose. If it is no longer used, archive it.",
        "{experiment} has {count} runs and cannot be deleted: the record of what was started is "
        "kept on purpose. If it is no longer used, archive it.",
        count,
    ).format(experiment=name, count=count)
