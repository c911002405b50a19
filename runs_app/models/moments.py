"""Comparisons with stored times that a clock which was set back does not break."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

# Clocks of machines that share a database differ a little.
CLOCK_DRIFT_S = 60


def not_after(field: str, before: datetime, *, most_s: float = 0) -> Q:
    """Return the condition that the time in `field` is not later than `before`.

    A time in the future, by more than the `most_s` that are ever planned ahead, was stored before
    the clock was set back. Its age is unknown, so it matches: else its row would be forgotten until
    the clock has caught up.
    """
    ahead = timezone.now() + timedelta(seconds=CLOCK_DRIFT_S + most_s)
    return Q((f"{field}__lte", before)) | Q((f"{field}__gt", ahead))
