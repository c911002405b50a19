"""Starts every schedule whose time has come.

1. An attempt that a process left unfinished is finished: its key tells what it started.
2. Missed times are noted, at most one of them is started: the latest, if it is a few minutes old.
3. The row of a time is the referee: a time that has an end there is not started again.
4. The next time is written last. A process that dies before that does the same again, and the key
   that the time gives to its run or run set makes it the same run.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError
from django.db.models import Max
from django.utils import timezone

from registry_app.messages import Message, message_of
from runs_app.choices import TimeState
from runs_app.exceptions import RunnerError
from runs_app.models import HostHeartbeat, Schedule, ScheduleTime
from runs_app.schedules import times
from runs_app.schedules.starting import REFUSALS, Started, start, started_before
from runs_app.sentences import short_time
from runs_app.texts import schedules as texts

logger = logging.getLogger(__name__)

# A time may be this late, for a worker that was restarted; an older one was missed.
PATIENCE = timedelta(minutes=10)
MAX_KEPT = 200


def fire_due(now: datetime | None = None) -> int:
    """Start what is due; return how many schedules were looked at. One does not stop the others."""
    now = now or timezone.now()
    found = list(Schedule.objects.due(now).values_list("pk", flat=True))
    for pk in found:
        try:
            _fire_as_it_is(pk, now)
        except (InterfaceError, OperationalError):
            raise
        except Exception:
            logger.exception("schedule failed schedule=%s", pk)
    return len(found)


def _fire_as_it_is(pk: int, now: datetime) -> None:
    """Start a schedule as its row is now: those before it may have taken minutes."""
    rows = Schedule.objects.due(now).select_related("experiment", "owner")
    if (schedule := rows.filter(pk=pk).first()) is not None:
        fire(schedule, now)


def fire(schedule: Schedule, now: datetime) -> None:
    """Start a schedule if its time has come, note what was missed, and compute its next time."""
    due_at = schedule.next_at
    if due_at is not None and due_at <= now:
        latest = max(times.latest_time(schedule.cron, now), due_at)
        is_late = now - latest > PATIENCE
        _finish_interrupted(schedule, besides=None if is_late else latest)
        last_missed = latest if is_late else _before(schedule.cron, due_at, latest)
        if last_missed is not None:
            _note_missed(schedule, due_at, last_missed, now)
        if not is_late:
            _start(schedule, latest, now)
    reschedule(schedule, now)


def reschedule(schedule: Schedule, now: datetime) -> datetime | None:
    """Compute and return the next time; another process that stored one already is left alone."""
    following = times.next_time(schedule.cron, now)
    Schedule.objects.filter(pk=schedule.pk, next_at=schedule.next_at, cron=schedule.cron).update(
        next_at=following, computed_at=now, is_enabled=schedule.is_enabled and following is not None
    )
    schedule.next_at, schedule.computed_at = following, now
    return following


def _before(cron: str, first: datetime, last: datetime) -> datetime | None:
    """Return the time before `last`, from `first` on; None if `last` is the first."""
    return times.latest_time(cron, last - timedelta(seconds=1)) if first < last else None


def _finish_interrupted(schedule: Schedule, *, besides: datetime | None) -> None:
    """Finish attempts whose process died; that at `besides` is made again instead."""
    rows = ScheduleTime.objects.filter(schedule=schedule, state=TimeState.STARTING)
    for row in rows.exclude(at=besides) if besides else rows:
        found = started_before(schedule, row.at)
        row.run, row.run_set = found.run, found.run_set
        if row.run or row.run_set:
            row.state = TimeState.STARTED
        else:
            row.state, row.note = TimeState.FAILED, texts.INTERRUPTED()
        row.save()
        logger.warning("interrupted schedule=%s at=%s state=%s", schedule.pk, row.at, row.state)


def _note_missed(schedule: Schedule, first: datetime, last: datetime, now: datetime) -> None:
    """Note times that passed without a worker in one row, that of the first.

    A time that was started, or tried, is none of them, nor is any before it.
    """
    tried = ScheduleTime.objects.filter(schedule=schedule, at__range=(first, last))
    tried_last = tried.exclude(state=TimeState.MISSED).aggregate(at=Max("at"))["at"]
    if tried_last is not None:
        following = times.next_time(schedule.cron, tried_last)
        if following is None or following > last:
            return
        first = following
    was_running = HostHeartbeat.objects.filter(started_at__lt=first, tick_at__gte=first).exists()
    note: Message = texts.HELD_UP_ONE() if was_running else texts.MISSED_ONE()
    if first < last:
        count = times.count_times(schedule.cron, first, last)
        text = texts.HELD_UP if was_running else texts.MISSED
        note = text(count=count, until=short_time(last))
    _row, new = ScheduleTime.objects.get_or_create(
        schedule=schedule,
        at=first,
        defaults={"state": TimeState.MISSED, "note": note, "noted_at": now},
    )
    if new:
        logger.warning("missed schedule=%s at=%s until=%s", schedule.pk, first, last)


def _start(schedule: Schedule, at: datetime, now: datetime) -> None:
    # What was noted later than now was noted by a clock that was ahead: the time was not missed.
    ScheduleTime.objects.filter(
        schedule=schedule, at=at, state=TimeState.MISSED, noted_at__gt=now
    ).update(state=TimeState.STARTING, note=None)
    row, _new = ScheduleTime.objects.get_or_create(
        schedule=schedule, at=at, defaults={"state": TimeState.STARTING}
    )
    if row.state != TimeState.STARTING:
        return
    try:
        started, row.state = start(schedule, at), TimeState.STARTED
    except (RunnerError, *REFUSALS) as error:
        started, row.state = Started(note=message_of(error)), TimeState.SKIPPED
    except (InterfaceError, OperationalError):
        raise
    except Exception as error:
        logger.exception("schedule failed schedule=%s at=%s", schedule.pk, at)
        started, row.state = Started(note=texts.BROKE(error=type(error).__name__)), TimeState.FAILED
    row.run, row.run_set, row.note = started.run, started.run_set, started.note
    row.save()
    logger.info("schedule=%s at=%s state=%s", schedule.pk, at, row.state)
    _prune(schedule)


def _prune(schedule: Schedule) -> None:
    """Keep the newest times alone."""
    rows = ScheduleTime.objects.filter(schedule=schedule)
    if (oldest := rows[MAX_KEPT : MAX_KEPT + 1].values_list("at", flat=True).first()) is not None:
        rows.filter(at__lte=oldest).delete()
