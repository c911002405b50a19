"""Comparisons with stored times that a clock which was set back does not break."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from registry_app.messages import Message
from runs_app.sentences import short_time
from runs_app.texts import reasons

# Clocks of machines that share a database differ a little.
CLOCK_DRIFT_S = 60
# Results that could not be collected are tried again at least this often.
COLLECT_MAX_WAIT = timedelta(hours=1)


def not_after(field: str, before: datetime, *, most_s: float = 0) -> Q:
    """Return the condition that the time in `field` is not later than `before`.

    A time in the future, by more than the `most_s` that are ever planned ahead, was stored before
    the clock was set back. Its age is unknown, so it matches: else its row would be forgotten until
    the clock has caught up.
    """
    ahead = timezone.now() + timedelta(seconds=CLOCK_DRIFT_S + most_s)
    return Q((f"{field}__lte", before)) | Q((f"{field}__gt", ahead))


def earliest(moment: datetime) -> datetime:
    """Return when at the earliest something happened that was stored with this time.

    A time in the future was stored before the clock was set back, and may be any.
    """
    ahead = timezone.now() + timedelta(seconds=CLOCK_DRIFT_S)
    return datetime.fromtimestamp(0, UTC) if moment > ahead else moment


def is_early(not_before: datetime | None) -> bool:
    """Whether a queued run with this time must not start yet."""
    return not_before is not None and not_before > timezone.now()


def reason_to_wait(not_before: datetime | None) -> Message | None:
    """Return why a queued run with this time waits, None if its time has come."""
    return reasons.WAITS_UNTIL(when=short_time(not_before)) if is_early(not_before) else None


def true_reason(stored: Message, *, is_queued: bool, not_before: datetime | None) -> Message:
    """Return why a run is in its state: as stored, but with the time as it is set now."""
    if not is_queued:
        return stored
    if (early := reason_to_wait(not_before)) is not None:
        return early
    return reasons.WAITS_FOR_WORKER() if stored.code == reasons.WAITS_UNTIL.code else stored
