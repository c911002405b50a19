"""When a user last visited the home page, and what has happened since then.

A page must not write when it is opened, so the page itself reports a visit with a form once it is
shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models import Case, Count, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from portal.models import Visit
from registry_app.models import ChangeSet, Experiment
from runs_app.choices import TERMINAL
from runs_app.models import Run

# Without a look at the page for so long, the next one is another visit.
PAUSE = timedelta(hours=4)


@dataclass(frozen=True, kw_only=True)
class SinceVisit:
    """What has happened since the last visit: changes by others, new experiments, ended runs."""

    since: datetime
    changes: int
    experiments: int
    runs: int


def since_last_visit(user: User, now: datetime | None = None) -> SinceVisit | None:
    """Return what has happened since the user's last visit, None on the first; one query."""
    now = now or timezone.now()
    last = Visit.objects.filter(user=user).annotate(
        since=Case(When(at__gt=now - PAUSE, then=F("before")), default=F("at"))
    )
    changes = ChangeSet.objects.filter(at__gt=OuterRef("since")).exclude(by=user.pk)
    row = last.annotate(
        changes=_count(changes),
        experiments=_count(Experiment.objects.filter(created_at__gt=OuterRef("since"))),
        runs=_count(Run.objects.filter(status__in=TERMINAL, finished_at__gt=OuterRef("since"))),
    ).values("since", "changes", "experiments", "runs")
    found = row.first()
    return SinceVisit(**found) if found is not None and found["since"] is not None else None


@require_POST
def report_visit(request: HttpRequest) -> HttpResponse:
    """Record that the user looks at the home page now."""
    now = timezone.now()
    user = cast("User", request.user)
    visit, is_first = Visit.objects.get_or_create(user=user, defaults={"at": now})
    if not is_first:
        is_new = now - visit.at > PAUSE
        Visit.objects.filter(pk=visit.pk).update(
            at=now, before=visit.at if is_new else visit.before
        )
    return HttpResponse(status=204)


def _count(rows: QuerySet[Any]) -> Coalesce:
    """Return the number of rows as a sub-query."""
    counted = rows.order_by().annotate(group=Value(1)).values("group").annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n")), 0)
