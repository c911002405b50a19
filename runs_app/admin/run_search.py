"""The search in the list of runs.

Each word is looked for in names of experiments and in narrow columns that have an index of their
own, because reading all rows of runs would be slow.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet

from registry_app.models import Experiment
from registry_app.row_numbers import row_number
from runs_app.models import Run

MAX_WORDS = 6


def matching(text: str) -> Q:
    """Return the condition that a run matches every word, `Q()` for no words."""
    condition = Q()
    words = text.split()[:MAX_WORDS]
    scripts = _scripts() if words else []
    for word in words:
        condition &= _word(word, scripts)
    return condition


def _scripts() -> list[str]:
    """Return the scripts of all runs, which are few: cheaper than to search those of each run."""
    return list(Run.objects.order_by().values_list("script", flat=True).distinct())


def _word(word: str, scripts: Sequence[str]) -> Q:
    runs = Run.objects.order_by()
    named = [script for script in scripts if word.casefold() in script.casefold()]
    parts: list[QuerySet[Run]] = [
        runs.filter(experiment__in=_experiments(word)),
        runs.filter(script__in=named),
        runs.filter(version__icontains=word).exclude(version=""),
        runs.filter(note__icontains=word).exclude(note=""),
    ]
    number = row_number(word.removeprefix("#"))
    if number:
        parts.append(runs.filter(pk=number))
    first, *others = (part.values("pk") for part in parts)
    # A union, since databases answer an OR of different columns by reading every row.
    return Q(pk__in=first.union(*others))


def _experiments(word: str) -> QuerySet[Any]:
    condition = (
        Q(name__icontains=word)
        | Q(task_type__iexact=word)
        | Q(zone__site__customer__name__icontains=word)
        | Q(zone__site__customer__display_name__icontains=word)
    )
    return Experiment.everything.order_by().filter(condition).values("pk")
