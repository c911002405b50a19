"""What is due on a machine: one query, which an idle machine runs every few seconds.

Each part uses an index and stops at its first row, so the length of the history does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from runs_app.choices import ACTIVE, TERMINAL, RunStatus, SetState, StepState
from runs_app.comparing import background, basis
from runs_app.lifecycle import imports, scans
from runs_app.models import HostHeartbeat, Parity, Promotion, Run, RunSet, RunStep, Schedule
from runs_app.models.moments import COLLECT_MAX_WAIT, not_after
from runs_app.queue import leases
from runs_app.stages.waiting import integrated_due, standard_due
from runs_app.tracking import live, outbox

# A machine counts as gone after 30 s without a heartbeat.
BEAT_EVERY_S = 10
FOREGROUND_GRACE_S = 30
# The exit record of a lost run reappears with its disk; after this time it is not awaited.
LOST_WATCH = timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class Due:
    """Which kinds of work are due on a machine; `beat`: its heartbeat must be renewed."""

    beat: bool = True
    observe: bool = False
    watch_lost: bool = False
    cancel_abandoned: bool = False
    release: bool = False
    start: bool = False
    finish: bool = False
    collect: bool = False
    send: bool = False
    scan: bool = False
    import_: bool = False
    follow: bool = False
    summarise: bool = False
    renew: bool = False
    parity: bool = False
    promote: bool = False
    integrated: bool = False
    standard: bool = False
    move_sets: bool = False
    schedules: bool = False


def look(
    host: str, *, patience_s: float = 0, worker_started_at: datetime | None = None
) -> Due | None:
    """Return what is due on `host` and has waited for longer than `patience_s`.

    None if the host has no heartbeat row yet: it has to write one first.
    """
    before = timezone.now() - timedelta(seconds=patience_s)
    kinds = {
        "observe": Run.objects.observed(host),
        "watch_lost": lost(host),
        "cancel_abandoned": abandoned(host),
        "release": leases.left_over(host),
        "start": startable(before),
        "finish": ended(host).filter(left_alone(before)),
        "collect": uncollected(host),
        "send": outbox.due(host),
        "scan": scans.waiting().filter(not_after("requested_at", before)),
        "import_": imports.waiting(before=before),
        "follow": live.followed(host),
        "summarise": background.waiting(host).filter(left_alone(before)),
        "renew": basis.outdated(),
        "parity": Parity.objects.waiting(before),
        "promote": Promotion.objects.due(timezone.now()),
        "integrated": integrated_due(timezone.now()),
        "standard": standard_due(timezone.now()),
        "move_sets": movable_sets(),
        "schedules": Schedule.objects.due(timezone.now()).order_by(),
    }
    conditions = {kind: Exists(rows) for kind, rows in kinds.items()}
    me = HostHeartbeat.objects.filter(host=host).order_by()
    answers: Any = me.values_list("tick_at", "started_at", *conditions.values())
    for tick_at, started_at, *found in answers:
        # A clock that was set back leaves a heartbeat in the future.
        is_old = abs(timezone.now() - tick_at) > timedelta(seconds=BEAT_EVERY_S)
        is_news = worker_started_at not in {None, started_at}
        return Due(beat=is_old or is_news, **dict(zip(conditions, found, strict=True)))
    return None


def lost(host: str) -> QuerySet[Run]:
    """Return the lost runs of `host` whose exit record may still turn up."""
    since = timezone.now() - LOST_WATCH
    return Run.objects.filter(status=RunStatus.LOST, host=host, status_changed_at__gte=since)


def abandoned(host: str) -> QuerySet[Run]:
    """Return queued foreground runs of `host` that are old enough to have lost their terminal."""
    before = timezone.now() - timedelta(seconds=FOREGROUND_GRACE_S)
    return Run.objects.filter(
        not_after("queued_at", before), status=RunStatus.QUEUED, foreground=True, host=host
    )


def startable(before: datetime) -> QuerySet[Run]:
    """Return the queued runs that a worker may start and that have not changed since `before`.

    Those whose time has not come are none of them.
    """
    return Run.objects.in_order().ready().filter(left_alone(before), foreground=False)


def left_alone(before: datetime) -> Q:
    """Return the condition that a run's state has not changed since `before`.

    A change in the future was written before the clock was set back, so it matches.
    """
    return not_after("status_changed_at", before)


def ended(host: str) -> QuerySet[Run]:
    """Return the runs of `host` whose script has ended and which are not closed yet."""
    return Run.objects.filter(status=RunStatus.FINALIZING, host=host)


def uncollected(host: str) -> QuerySet[Run]:
    """Return the ended runs of `host` whose results are due to be collected again."""
    is_due = not_after("collect_next_at", timezone.now(), most_s=COLLECT_MAX_WAIT.total_seconds())
    return Run.objects.filter(is_due, host=host, collect_next_at__isnull=False)


def movable_sets() -> QuerySet[RunSet]:
    """Return the run sets that a tick would change.

    A step ended, the next is not queued, or a cancel has not reached every run.
    """
    queued = RunStep.objects.filter(run_set=OuterRef("pk"), state=StepState.QUEUED)
    waiting = RunStep.objects.filter(run_set=OuterRef("pk"), state=StepState.WAITING)
    untold = queued.filter(
        run__status__in=ACTIVE - {RunStatus.FINALIZING}, run__cancel_requested_at__isnull=True
    )
    return RunSet.objects.filter(
        Exists(queued.filter(run__status__in=TERMINAL))
        | ~Exists(queued)
        | Q(Exists(waiting) | Exists(untold), cancel_requested_at__isnull=False),
        state=SetState.ACTIVE,
    )
