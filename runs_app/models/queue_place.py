"""The place of a run in the queue, and what users see while it waits."""

from __future__ import annotations

from typing import Any

from django.db.models import (
    Case,
    Count,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from runs_app.choices import RunStatus
from runs_app.models import Run


def with_place(runs: QuerySet[Run]) -> QuerySet[Run]:
    """Annotate `place`: 1 for the next queued run, null for runs that are not in the queue.

    A foreground run is started by its terminal, so it has no place; nor has a run whose time has
    not come.
    """
    earlier = Q(priority__gt=OuterRef("priority")) | Q(
        priority=OuterRef("priority"), id__lt=OuterRef("id")
    )
    ahead = (
        Run.objects.ready()
        .filter(earlier, status=RunStatus.QUEUED, foreground=False)
        .order_by()
        .annotate(group=Value(1))
        .values("group")
        .annotate(count=Count("pk"))
        .values("count")
    )
    place = When(
        Q(not_before__isnull=True) | Q(not_before__lte=timezone.now()),
        status=RunStatus.QUEUED,
        foreground=False,
        then=Coalesce(Subquery(ahead), 0) + Value(1),
    )
    return runs.annotate(place=Case(place, output_field=IntegerField()))


def place_of(run: Run) -> int | None:
    """Return the place of one run; runs one query, and none if the run is not queued."""
    if run.status != RunStatus.QUEUED:
        return None
    found: Any = with_place(Run.objects.filter(pk=run.pk)).first()
    place: int | None = found.place if found else None
    return place
