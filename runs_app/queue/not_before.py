"""The time before which a queued run is not started: read from text, set, changed and cleared.

It is a time of the clock, to the minute. Until then the run waits without a place in the queue: it
holds back no other run, whatever its priority, directory and GPUs are.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from registry_app.messages import stored_values
from runs_app.choices import RunStatus
from runs_app.exceptions import RefusedError
from runs_app.models import Run, RunQuerySet
from runs_app.models.moments import reason_to_wait
from runs_app.queue import broker
from runs_app.texts import reasons, requests

MAX_AHEAD = timedelta(days=366)
_AFTER = re.compile(r"\+([0-9]{1,6})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_MINUTE = timedelta(minutes=1)


def parse_not_before(text: str, *, now: datetime | None = None) -> datetime | None:
    """Return the time that `text` names, rounded up to the minute; None for ''.

    `2026-12-01T22:00` is a time of the portal's time zone unless it has an offset, `+2h` is two
    hours from now (`m`, `h` or `d`). Raises RefusedError for anything else, for a time that has
    passed, and for one more than a year ahead.
    """
    text, now = text.strip(), now or timezone.now()
    if not text:
        return None
    try:
        moment = _read(text, now).astimezone(UTC)
        moment += -timedelta(seconds=moment.second, microseconds=moment.microsecond) % _MINUTE
    except (ValueError, OverflowError) as error:
        raise RefusedError(requests.NO_TIME(text=text[:100])) from error
    if moment <= now:
        raise RefusedError(requests.TIME_PASSED(text=text))
    if moment - now > MAX_AHEAD:
        raise RefusedError(requests.TIME_TOO_FAR(text=text, days=MAX_AHEAD.days))
    return moment


def first_reason(moment: datetime | None) -> dict[str, object]:
    """Return the columns that say what a run waits for when it is queued."""
    reason = reason_to_wait(moment) or reasons.WAITS_FOR_WORKER()
    return {"reason_code": reason.code, "reason_values": stored_values(reason)}


def set_not_before(runs: RunQuerySet, moment: datetime | None) -> int:
    """Set or clear the time of those of `runs` that are still queued; return how many these are."""
    queued = list(runs.filter(status=RunStatus.QUEUED).values_list("pk", flat=True))
    rows = Run.objects.filter(pk__in=queued, status=RunStatus.QUEUED)
    changed = rows.update(not_before=moment, **first_reason(moment))
    for pk in queued:
        broker.enqueue(broker.Task.START, pk)
    return changed


def _read(text: str, now: datetime) -> datetime:
    if (match := _AFTER.fullmatch(text)) is not None:
        return now + timedelta(**{_UNITS[match[2]]: int(match[1])})
    moment = datetime.fromisoformat(text)
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment
