"""One line for each metric of a run, read from its run folder."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from runs_app.records.kept_file import open_inside
from runs_app.records.metrics import point_of
from runs_app.runner.outputs.metric_names import prefixed
from runs_app.runner.outputs.metric_points import MetricPoint
from runs_app.runner.outputs.moments import STREAMS

NAME = "metrics.jsonl"
# While the script runs, so far.
LIVE_NAME = "live.jsonl"
MAX_POINTS = 100_000
MAX_KEYS = 100


@dataclass(kw_only=True)
class MetricSummary:
    """The last, least and greatest value of one metric.

    `seen` is how many points there were if fewer were saved. `bad_step` is the step of the first
    value that is not finite. `points_before` counts the points that existed before the run as well.
    """

    key: str
    last: float
    least: float
    greatest: float
    points: int = 1
    file: str = ""
    seen: int = 0
    bad_step: int | None = None
    points_before: int = 0

    @property
    def last_text(self) -> str:
        return f"{self.last:.6g}"

    @property
    def least_text(self) -> str:
        return f"{self.least:.6g}"

    @property
    def greatest_text(self) -> str:
        return f"{self.greatest:.6g}"

    def add(self, value: float, *, step: int = 0) -> None:
        """Count one more point."""
        self.last = value
        if math.isnan(self.least):  # comparisons with NaN are always false
            self.least = self.greatest = value
        elif not math.isnan(value):
            self.least = min(self.least, value)
            self.greatest = max(self.greatest, value)
        self.points += 1
        self.notice(value, step)

    def notice(self, value: float, step: int) -> None:
        """Remember the step of the first value that is not finite."""
        if self.bad_step is None and not math.isfinite(value):
            self.bad_step = step


def summary_of(points: Iterable[MetricPoint]) -> list[MetricSummary]:
    """Return a summary per metric, in order of first appearance."""
    found: dict[str, MetricSummary] = {}
    for point in points:
        _count(found, point)
    return list(found.values())


def summarise_points(folder: Path) -> list[MetricSummary]:
    """Return a summary per metric of the saved points, sorted by name; empty without points."""
    found: dict[str, MetricSummary] = {}
    for row in _rows(folder, NAME):
        if row.key in found or len(found) < MAX_KEYS:
            _count(found, row)
    return sorted(found.values(), key=lambda metric: metric.key)


def summarise_live(folder: Path) -> list[MetricSummary]:
    """Return a summary per metric of the live points so far.

    A name that several sources use is prefixed with its source, except that of a table.
    """
    found: dict[tuple[str, str], MetricSummary] = {}
    for row in _rows(folder, LIVE_NAME):
        place = (row.file, row.key)
        if place in found or len(found) < MAX_KEYS:
            _count(found, row, place=place)
    taken: set[str] = set()
    for (file, key), metric in sorted(found.items(), key=lambda item: item[0][0] in STREAMS):
        metric.key = prefixed(key, file) if key in taken else key
        taken.add(metric.key)
    return sorted(found.values(), key=lambda metric: metric.key)


def live_bytes(folder: Path) -> int:
    """Return the size in bytes of the live metrics so far; it grows with them."""
    try:
        return (folder / LIVE_NAME).stat().st_size
    except OSError:
        return 0


def _opened(folder: Path, name: str) -> BinaryIO | None:
    try:
        return open_inside(folder, name)
    except FileNotFoundError:
        return None


def _rows(folder: Path, name: str) -> Iterator[MetricPoint]:
    lines = _opened(folder, name)
    if lines is None:
        return
    with lines:
        for line in islice(lines, MAX_POINTS):
            with suppress(ValueError, TypeError, RecursionError):
                yield point_of(json.loads(line))


def _count(found: dict[Any, MetricSummary], point: MetricPoint, *, place: object = None) -> None:
    place = point.key if place is None else place
    if place in found:
        found[place].add(point.value, step=point.step)
    else:
        found[place] = MetricSummary(
            key=point.key,
            last=point.value,
            least=point.value,
            greatest=point.value,
            file=point.file,
        )
        found[place].notice(point.value, point.step)
    found[place].points_before += point.was_before
