"""Ready-made views of the table: links with a count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from runs_app.choices import ENDED_BADLY, ON_HOST, RunStatus
from runs_app.models import Run

WEEK = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class ReadyView:
    """A view: its filters as they are in an address."""

    label: Any
    filters: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A view on a page: how many runs it has, where it leads, whether it is shown."""

    label: Any
    count: int | None
    address: str
    is_current: bool


VIEWS: dict[str, ReadyView] = {
    "all": ReadyView(label=_("All"), filters={}),
    "mine": ReadyView(label=_("Mine"), filters={"who": "me"}),
    "failed": ReadyView(label=_("Failed this week"), filters={"group": "bad", "ended": "week"}),
    "running": ReadyView(label=_("Running"), filters={"group": "running"}),
    "waiting": ReadyView(label=_("Waiting"), filters={"group": "waiting"}),
    "best": ReadyView(label=_("Best per experiment"), filters={"group": "best"}),
}


def counts(runs: QuerySet[Run], user: Any) -> dict[str, int]:
    """Return how many of the runs each view has; one query, which uses an index for each."""
    since = timezone.now() - WEEK
    parts = {
        "all": runs,
        "mine": runs.filter(queued_by=user.pk),
        "failed": runs.filter(finished_at__gte=since, status__in=sorted(ENDED_BADLY)),
        "running": runs.filter(status__in=sorted(ON_HOST)),
        "waiting": runs.filter(status=RunStatus.QUEUED),
        "best": runs.filter(is_best=True),
    }
    asked = {f"n_{key}": Coalesce(Subquery(_count(part)), 0) for key, part in parts.items()}
    rows: Any = User.objects.filter(pk=user.pk).values(**asked)
    row: dict[str, int] = next(iter(rows), {})
    return {key: row.get(f"n_{key}", 0) for key in parts}


def is_shown(view: ReadyView, active: Iterable[tuple[str, str]]) -> bool:
    """Whether the active filters are those of a view."""
    return dict(active) == view.filters


def _count(runs: QuerySet[Run]) -> QuerySet[Any]:
    return (
        runs.order_by()
        .annotate(group=Value(1))
        .values("group")
        .annotate(count=Count("pk"))
        .values("count")
    )
