"""Times as MLflow stores them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(moment: datetime) -> int:
    """Return whole milliseconds since 1970, truncated as wherever times are shown."""
    return (moment - EPOCH) // timedelta(milliseconds=1)
