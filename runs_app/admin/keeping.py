"""Keeps experiments that have runs: their record says what was started, and outlives them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import actions
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext

from registry_app.models import Experiment

MOST_TOLD = 5


@admin.action(
    permissions=["delete"],
    description=actions.delete_selected.short_description,  # type: ignore[attr-defined]
)
def delete_selected(
    model_admin: Any, request: HttpRequest, experiments: QuerySet[Experiment]
) -> HttpResponse | None:
    """Delete experiments after a question; with runs among them, say why they cannot be."""
    if refuse_to_delete(request, experiments):
        return None
    return actions.delete_selected(model_admin, request, experiments)


def refuse_to_delete(request: HttpRequest, experiments: QuerySet[Experiment]) -> bool:
    """Tell of each experiment that has runs why it stays; return whether there is one."""
    chosen = Experiment.objects.filter(pk__in=experiments.values("pk"))
    used = chosen.annotate(run_count=Count("runs")).filter(run_count__gt=0)
    told = [_why(one.name, one.run_count) for one in used[:MOST_TOLD]]
    for sentence in told:
        messages.error(request, sentence)
    return bool(told)


def _why(name: str, count: int) -> str:
    return ngettext(
        "{experiment} has {count} run and cannot be deleted: the record of what was started is "
        "kept on purpose. If nobody uses it any more, say so in its notes; once its directory is "
        "moved away, the list marks it.",
        "{experiment} has {count} runs and cannot be deleted: the record of what was started is "
        "kept on purpose. If nobody uses it any more, say so in its notes; once its directory is "
        "moved away, the list marks it.",
        count,
    ).format(experiment=name, count=count)
