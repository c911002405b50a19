"""Times as MLflow keeps them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def milliseconds(moment: datetime | None) -> int:
    """Return whole milliseconds since 1970, cut and not rounded."""
    assert moment is not None
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
