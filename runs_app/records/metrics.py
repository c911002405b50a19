"""Points of metrics as lines of a run folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from runs_app.runner.folder import RunFolder
from runs_app.runner.outputs.metrics import MetricPoint
from runs_app.runner.own_file import open_own


def point_line(point: MetricPoint, **more: Any) -> str:
    """Return a point as one line, with `more` beside it."""
    return json.dumps(asdict(point) | more, ensure_ascii=False)


def point_of(row: object) -> MetricPoint:
    """Return the point of a line that was read as JSON; raises TypeError for one that is none."""
    try:
        return MetricPoint(
            key=str(row["key"]),  # type: ignore[index]
            value=float(row["value"]),  # type: ignore[index]
            step=int(row["step"]),  # type: ignore[index]
            timestamp_ms=int(row["timestamp_ms"]),  # type: ignore[index]
        )
    except (ValueError, LookupError, OverflowError) as error:
        raise TypeError(f"not a point: {error}") from error


def read_metrics(folder: RunFolder) -> Iterator[MetricPoint]:
    """Return the metrics that were kept; a line that holds no point is skipped."""
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
