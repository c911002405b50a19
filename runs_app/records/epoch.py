"""Times as MLflow and file systems store them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(moment: datetime) -> int:
    """Return whole milliseconds since 1970, truncated as wherever times are shown."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def nanoseconds(moment: datetime) -> int:
    """Return the nanoseconds since 1970, of whole milliseconds."""
    return milliseconds(moment) * 1_000_000
