"""Numbers that a run left in its files and its output, as points for MLflow.

Result files come first: any CSV with a column that counts epochs or steps, and flat JSON of
numbers. The output is read only where the files say nothing, and only lines that name an epoch.
"""

from __future__ import annotations

import csv
import json
import math
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from runs_app.runner.outputs.result_table import STEP_COLUMNS, read_table
from runs_app.runner.own_file import open_own

MAX_FILE_BYTES = 32 * 2**20
MAX_JSON_BYTES = 2**20
MAX_JSON_NUMBERS = 200
MAX_OUTPUT_BYTES = 64 * 2**20
MAX_LINE_BYTES = 4096
MAX_POINTS = 200_000
MAX_KEY = 250
_FORBIDDEN = re.compile(r"[^\w./ :-]")
_EPOCH = re.compile(r"(?i)(?:\bepoch|에폭|에포크)\s*[:=#\[(]?\s*(\d{1,7})\b")
_PAIR = re.compile(
    r"([^\W\d][\w./-]{0,60}(?:\([\w.]+\))?)\s*[:=]\s*"
    r"([-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)(?=[\s,;|)\]%]|$)"
)
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_COUNTERS = frozenset({*STEP_COLUMNS, "eta", "batch", "time", "에폭", "에포크"})


@dataclass(frozen=True, kw_only=True)
class MetricPoint:
    """One value of one metric; time in milliseconds since 1970."""

    key: str
    value: float
    step: int
    timestamp_ms: int


@dataclass(frozen=True, kw_only=True)
class LivePoint:
    """A point that was seen while the script ran, in the result file `file`."""

    point: MetricPoint
    file: str
    has_plain_key: bool


@dataclass(frozen=True, kw_only=True)
class _Row:
    """Numbers that belong to one step; `at` is where in the run it lies, from 0 to 1."""

    step: int
    values: dict[str, float]
    at: float
    seconds: float | None = None


def clean_key(name: str) -> str:
    """Return a name that MLflow takes as a key, '' where nothing is left of it.

    `metrics/mAP50(B)` becomes `metrics/mAP50B`.
    """
    kept = _FORBIDDEN.sub("", name).strip()[:MAX_KEY]
    normal = posixpath.normpath(kept) if kept else ""
    parts = [part.strip() for part in normal.split("/")]
    key = "/".join(part for part in parts if part not in {"", ".", ".."})
    # MLflow takes any name that begins with two dots for a path that leads out.
    return clean_key(key.lstrip(".")) if key.startswith("..") else key


def collect_metrics(
    outputs: Path,
    files: Sequence[str],
    *,
    stdout: Path,
    started_ms: int,
    finished_ms: int,
    live: Iterable[LivePoint] = (),
) -> tuple[MetricPoint, ...]:
    """Return the metrics of a run: of `files` below `outputs`, else of its output.

    A key that two files use carries, from the second on, the file's folder and name before it.
    Files that cannot be read say nothing. What was seen `live` keeps its key and its time, so
    that a point which MLflow has already is the same point.
    """
    found = _Points(live)
    for path in sorted(files, key=_importance):
        for row in _rows(outputs / path):
            moment = _moment(row, started_ms, finished_ms)
            for name, value in row.values.items():
                found.add(own_key(name, path, found.owners), value, row.step, moment)
    if not found.points:
        for row in _output_rows(stdout):
            moment = _moment(row, started_ms, finished_ms)
            for name, value in row.values.items():
                found.add(clean_key(name), value, row.step, moment)
    return tuple(found.points.values())


class _Points:
    """The points of a run by key and step; `owners` says which file has the plain key."""

    def __init__(self, live: Iterable[LivePoint]) -> None:
        self.points: dict[tuple[str, int], MetricPoint] = {}
        self.owners: dict[str, str] = {}
        for seen in live:
            self.points[seen.point.key, seen.point.step] = seen.point
            if seen.has_plain_key:
                self.owners.setdefault(seen.point.key, seen.file)

    def add(self, key: str, value: float, step: int, timestamp_ms: int) -> None:
        there = self.points.get((key, step))
        if not key or (there is None and len(self.points) >= MAX_POINTS):
            return
        if there is None or not same_number(there.value, value):
            self.points[key, step] = MetricPoint(
                key=key, value=value, step=step, timestamp_ms=timestamp_ms
            )


def same_number(one: float, other: float) -> bool:
    """Return whether two values are one; what is no number equals itself here."""
    return one == other or (math.isnan(one) and math.isnan(other))


def _importance(path: str) -> tuple[bool, int, str]:
    """The file that people look at first has the plain keys."""
    return (PurePosixPath(path).name != "results.csv", path.count("/"), path)


def own_key(name: str, path: str, owners: dict[str, str]) -> str:
    """Return the key of a column of the file `path`; the first file has the plain key."""
    key = clean_key(name)
    if not key or owners.setdefault(key, path) == path:
        return key
    return clean_key(f"{PurePosixPath(path).with_suffix('')}/{key}")


def _moment(row: _Row, started_ms: int, finished_ms: int) -> int:
    if row.seconds is not None:
        return started_ms + round(min(row.seconds * 1000, finished_ms - started_ms))
    return started_ms + round(row.at * (finished_ms - started_ms))


def _rows(path: Path) -> Iterator[_Row]:
    suffix = path.suffix.lower()
    try:
        if suffix == ".csv" and path.stat().st_size <= MAX_FILE_BYTES:
            yield from _csv_rows(_text(path))
        elif suffix == ".json" and path.stat().st_size <= MAX_JSON_BYTES:
            yield from _json_rows(_text(path))
    except (OSError, ValueError, OverflowError, csv.Error, RecursionError):
        return


def _text(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp949", "replace")


def _csv_rows(text: str) -> Iterator[_Row]:
    for row, at in read_table(text):
        yield _Row(step=row.step, values=row.values, at=at, seconds=row.seconds)


def _json_rows(text: str) -> Iterator[_Row]:
    data = json.loads(text)
    if not isinstance(data, dict):
        return
    values = dict(_numbers_of(data))
    if values and len(values) <= MAX_JSON_NUMBERS:
        yield _Row(step=0, values=values, at=1)


def _numbers_of(data: dict[str, Any]) -> Iterable[tuple[str, float]]:
    for name, value in data.items():
        is_nested = isinstance(value, dict)
        inner = [(f"{name}.{key}", one) for key, one in value.items()] if is_nested else None
        for key, one in inner or [(name, value)]:
            if isinstance(one, int | float) and not isinstance(one, bool):
                yield key, float(one)


def _output_rows(stdout: Path) -> Iterator[_Row]:
    """Read `key: value` pairs from lines that name an epoch; a progress bar counts by its end."""
    try:
        total = max(1, min(stdout.stat().st_size, MAX_OUTPUT_BYTES))
        with open_own(stdout) as log:
            while log.tell() < total and (line := log.readline(MAX_LINE_BYTES)):
                text = _ANSI.sub("", line.decode("utf-8", "replace").strip())
                last = text.rpartition("\r")[2]
                epoch = _EPOCH.search(last)
                if epoch is None:
                    continue
                values = {
                    name: float(value)
                    for name, value in _PAIR.findall(last)
                    if name.lower() not in _COUNTERS
                }
                if values:
                    yield _Row(step=int(epoch[1]), values=values, at=log.tell() / total)
    except OSError:
        return
