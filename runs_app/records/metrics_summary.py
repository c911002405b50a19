"""The numbers of a run in one line each, read from its run folder."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from runs_app.records.kept_file import open_inside

NAME = "metrics.jsonl"
# While the script runs, as far as it goes.
LIVE_NAME = "live.jsonl"
MOST_POINTS = 100_000
MOST_KEYS = 100


@dataclass(kw_only=True)
class MetricSummary:
    """The last, least and greatest value of one metric."""

    key: str
    last: float
    least: float
    greatest: float
    points: int = 1

    @property
    def last_text(self) -> str:
        return f"{self.last:.6g}"

    @property
    def least_text(self) -> str:
        return f"{self.least:.6g}"

    @property
    def greatest_text(self) -> str:
        return f"{self.greatest:.6g}"

    def add(self, value: float) -> None:
        self.last = value
        if math.isnan(self.least):  # no number is less or greater than what is none
            self.least = self.greatest = value
        elif not math.isnan(value):
            self.least = min(self.least, value)
            self.greatest = max(self.greatest, value)
        self.points += 1


def summarise_metrics(folder: Path) -> list[MetricSummary]:
    """Return a summary per metric, by name; empty where none were kept."""
    found: dict[str, MetricSummary] = {}
    lines = _opened(folder, NAME) or _opened(folder, LIVE_NAME)
    if lines is None:
        return []
    with lines:
        for line in islice(lines, MOST_POINTS):
            _add(found, line)
    return sorted(found.values(), key=lambda one: one.key)


def live_bytes(folder: Path) -> int:
    """Return how long the metrics are that were seen so far; it grows with them."""
    try:
        return (folder / LIVE_NAME).stat().st_size
    except OSError:
        return 0


def _opened(folder: Path, name: str) -> BinaryIO | None:
    try:
        return open_inside(folder, name)
    except FileNotFoundError:
        return None


def _add(found: dict[str, MetricSummary], line: bytes) -> None:
    try:
        point = json.loads(line)
        key, value = str(point["key"]), float(point["value"])
    except (ValueError, LookupError, TypeError, OverflowError, RecursionError):
        return
    if key in found:
        found[key].add(value)
    elif len(found) < MOST_KEYS:
        found[key] = MetricSummary(key=key, last=value, least=value, greatest=value)
