"""The times of a cron line, in the portal's time zone; the only module that imports croniter."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from croniter import croniter
from croniter.croniter import CroniterError
from django.utils import timezone

from runs_app.exceptions import RefusedError
from runs_app.texts import schedules as texts

# Five fields: minute, hour, day of the month, month, day of the week. No seconds, no random times.
_FIELDS = re.compile(r"[0-9*/,\-]+(?: [0-9*/,\-?L#a-zA-Z]+){4}")
# croniter draws such a time anew at each question, so that no two answers agree.
_RANDOM = re.compile(r"(?:^|[ ,])[RH](?![A-Z])", re.IGNORECASE)
# The count of missed times stops here.
MAX_COUNTED = 10_000


def checked(line: str) -> str:
    """Return a cron line with single spaces; raises RefusedError unless it has times."""
    line = " ".join(line.split())
    if _RANDOM.search(line):
        raise RefusedError(texts.RANDOM(line=line))
    if not _FIELDS.fullmatch(line) or not croniter.is_valid(line):
        raise RefusedError(texts.NO_CRON(line=line))
    if next_time(line, timezone.now()) is None:
        raise RefusedError(texts.NEVER(line=line))
    return line


def next_time(line: str, after: datetime) -> datetime | None:
    """Return the first time after a moment, None if there is none."""
    return next(iter(next_times(line, after, count=1)), None)


def next_times(line: str, after: datetime, *, count: int) -> list[datetime]:
    """Return the next times after a moment."""
    times = croniter(line, timezone.localtime(after))
    try:
        return [times.get_next(datetime) for _number in range(count)]
    except CroniterError:
        return []


def latest_time(line: str, now: datetime) -> datetime:
    """Return the last time that is not after `now`."""
    times = croniter(line, timezone.localtime(now) + timedelta(minutes=1))
    latest: datetime = times.get_prev(datetime)
    return latest if latest <= now else times.get_prev(datetime)


def count_times(line: str, first: datetime, last: datetime) -> int:
    """Return how many times there are from `first`, which is one, to `last`; at most 10,000."""
    times = croniter(line, timezone.localtime(first))
    found = 1
    while found < MAX_COUNTED and times.get_next(datetime) <= last:
        found += 1
    return found
