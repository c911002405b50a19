"""The curves of a run's metrics, thinned to what a screen can show.

They are read from the run folder alone: from the saved points, and while the script runs from the
live points. MLflow is not asked, because it may be away and does not know points from the output
before the end.
"""

from __future__ import annotations

import json
import math
import os
from array import array
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path

from runs_app.records.kept_file import open_inside
from runs_app.records.metrics import point_of
from runs_app.records.metrics_summary import LIVE_NAME, NAME
from runs_app.runner.outputs.metric_names import prefixed
from runs_app.runner.outputs.metric_points import MetricPoint
from runs_app.runner.outputs.moments import STREAMS

MAX_CURVES = 100
MAX_POINTS = 500
# As many as a run keeps in all.
MAX_READ = 200_000
# The largest whole number that a browser can tell from the next.
LARGEST = 2**53
# Of the curves in memory, which the requests of several viewers share.
KEPT_FILES = 32


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One metric over the steps of a run, in the order of the steps.

    `moments_ms` are milliseconds since 1970; a value that is no finite number is NaN. `count` is
    how many points were saved; at most `MAX_POINTS` of them are here, and among these are the
    first, the last, the least and the greatest.
    """

    name: str
    steps: Sequence[int]
    moments_ms: Sequence[int]
    values: Sequence[float]
    count: int


def curves_of(folder: Path) -> tuple[Curve, ...]:
    """Return the curves in a run folder, in the order in which their metrics were reported."""
    for name in (NAME, LIVE_NAME):
        with suppress(FileNotFoundError), open_inside(folder, name) as file:
            state = os.fstat(file.fileno())
            return _read(folder, name, state.st_size, state.st_mtime_ns)
    return ()


def thin(values: Sequence[float], most: int) -> list[int]:
    """Return which of the values to draw, at most `most` (4 or more), in their order.

    The first and the last are among them, and of each part of the others the least and the
    greatest, so that no peak is lost.
    """
    count = len(values)
    if count <= most:
        return list(range(count))
    parts = (most - 2) // 2
    chosen = {0, count - 1}
    for part in range(parts):
        start = 1 + part * (count - 2) // parts
        end = 1 + (part + 1) * (count - 2) // parts
        finite = [at for at in range(start, end) if math.isfinite(values[at])] or [start]
        chosen.add(min(finite, key=values.__getitem__))
        chosen.add(max(finite, key=values.__getitem__))
    return sorted(chosen)


@dataclass(kw_only=True)
class _Points:
    """All points of one metric of one source, as numbers."""

    name: str
    file: str
    steps: array[int] = field(default_factory=lambda: array("q"))
    moments_ms: array[int] = field(default_factory=lambda: array("q"))
    values: array[float] = field(default_factory=lambda: array("d"))

    def add(self, point: MetricPoint) -> None:
        self.steps.append(point.step)
        self.moments_ms.append(point.timestamp_ms)
        self.values.append(point.value)

    def curve(self, name: str) -> Curve:
        order = sorted(range(len(self.steps)), key=self.steps.__getitem__)
        values = array("d", (self.values[at] for at in order))
        shown = thin(values, MAX_POINTS)
        return Curve(
            name=name,
            steps=array("q", (self.steps[order[at]] for at in shown)),
            moments_ms=array("q", (self.moments_ms[order[at]] for at in shown)),
            values=array("d", (values[at] for at in shown)),
            count=len(order),
        )


@lru_cache(maxsize=KEPT_FILES)
def _read(folder: Path, name: str, _size_bytes: int, _mtime_ns: int) -> tuple[Curve, ...]:
    found: dict[tuple[str, str], _Points] = {}
    for point in _rows(folder, name):
        # Final names are unique; two sources of live points may use the same one.
        key = (point.key, point.file if name == LIVE_NAME else "")
        if key not in found:
            if len(found) >= MAX_CURVES:
                continue
            found[key] = _Points(name=point.key, file=point.file)
        found[key].add(point)
    return tuple(points.curve(shown) for shown, points in _named(list(found.values())))


def _named(found: list[_Points]) -> Iterator[tuple[str, _Points]]:
    """Yield points with a name of their own; that of a table stays as it is."""
    taken: set[str] = set()
    names: dict[int, str] = {}
    for points in sorted(found, key=lambda source: source.file in STREAMS):
        name = prefixed(points.name, points.file) if points.name in taken else points.name
        taken.add(name)
        names[id(points)] = name
    for points in found:
        yield names[id(points)], points


def _rows(folder: Path, name: str) -> Iterator[MetricPoint]:
    try:
        lines = open_inside(folder, name)
    except FileNotFoundError:
        return
    with lines:
        for line in islice(lines, MAX_READ):
            with suppress(ValueError, TypeError, RecursionError):
                point = point_of(json.loads(line))
                if max(abs(point.step), abs(point.timestamp_ms)) < LARGEST:
                    yield point
