"""Metric points as lines of a file in the run folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from runs_app.runner.folder import RunFolder
from runs_app.runner.outputs.metric_points import MetricPoint
from runs_app.runner.own_file import open_own

SELDOM = ("file", "line", "was_before")


def point_line(point: MetricPoint, **more: Any) -> str:
    """Return a point as one line, with the fields `more`; empty fields are omitted."""
    row = asdict(point)
    for name in SELDOM:
        if not row[name]:
            del row[name]
    return json.dumps(row | more, ensure_ascii=False)


def point_of(row: object) -> MetricPoint:
    """Return the point of a parsed JSON line; raises TypeError if it is not a point."""
    try:
        return MetricPoint(
            key=str(row["key"]),  # type: ignore[index]
            value=float(row["value"]),  # type: ignore[index]
            step=int(row["step"]),  # type: ignore[index]
            timestamp_ms=int(row["timestamp_ms"]),  # type: ignore[index]
            file=str(row.get("file", "")),  # type: ignore[attr-defined]
            line=int(row.get("line", 0)),  # type: ignore[attr-defined]
            was_before=row.get("was_before") is True,  # type: ignore[attr-defined]
        )
    except (ValueError, LookupError, OverflowError, AttributeError) as error:
        raise TypeError(f"not a point: {error}") from error


def read_metrics(folder: RunFolder) -> Iterator[MetricPoint]:
    """Yield the saved metrics; a line that holds no point is skipped."""
    try:
        lines = open_own(folder.metrics)
    except OSError:
        return
    with lines:
        for line in lines:
            try:
                yield point_of(json.loads(line))
            except (ValueError, TypeError, RecursionError):
                continue
