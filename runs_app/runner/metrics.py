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

MAX_FILE_BYTES = 32 * 2**20
MAX_JSON_BYTES = 2**20
MAX_JSON_NUMBERS = 200
MAX_OUTPUT_BYTES = 64 * 2**20
MAX_LINE_BYTES = 4096
MAX_POINTS = 200_000
MAX_KEY = 250
STEP_COLUMNS = (
    "epoch", "epochs", "에폭", "에포크", "step", "steps", "global_step", "스텝", "iter", "iters",
    "iteration", "round"
)  # fmt: skip
# Databases hold no greater step.
MAX_STEP = 2**63 - 1
# Seconds since the start, as Ultralytics writes them.
TIME_COLUMN = "time"

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
    outputs: Path, files: Sequence[str], *, stdout: Path, started_ms: int, finished_ms: int
) -> tuple[MetricPoint, ...]:
    """Return the metrics of a run: of `files` below `outputs`, else of its output.

    A key that two files use carries, from the second on, the file's folder and name before it.
    Files that cannot be read say nothing.
    """
    points: dict[tuple[str, int], MetricPoint] = {}
    owners: dict[str, str] = {}
    for path in sorted(files, key=_importance):
        for row in _rows(outputs / path):
            moment = _moment(row, started_ms, finished_ms)
            for name, value in row.values.items():
                key = _own_key(name, path, owners)
                if key and len(points) < MAX_POINTS:
                    points[key, row.step] = MetricPoint(
                        key=key, value=value, step=row.step, timestamp_ms=moment
                    )
    if not points:
        for row in _output_rows(stdout):
            for name, value in row.values.items():
                key = clean_key(name)
                if key and len(points) < MAX_POINTS:
                    moment = _moment(row, started_ms, finished_ms)
                    points[key, row.step] = MetricPoint(
                        key=key, value=value, step=row.step, timestamp_ms=moment
                    )
    return tuple(points.values())


def _importance(path: str) -> tuple[bool, int, str]:
    """The file that people look at first has the plain keys."""
    return (PurePosixPath(path).name != "results.csv", path.count("/"), path)


def _own_key(name: str, path: str, owners: dict[str, str]) -> str:
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
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    lines = list(csv.reader(text.splitlines(), delimiter=delimiter, skipinitialspace=True))
    if len(lines) < 2:
        return
    names = [name.strip() for name in lines[0]]
    lower = [name.lower() for name in names]
    step_column = next((lower.index(name) for name in STEP_COLUMNS if name in lower), None)
    if step_column is None:
        return
    time_column = lower.index(TIME_COLUMN) if TIME_COLUMN in lower else None
    body = lines[1:]
    if len(body[-1]) < len(names) and not text.endswith(("\n", "\r")):
        body.pop()  # its last number may be cut in the middle
    for number, cells in enumerate(body, start=1):
        step = _number(cells[step_column]) if step_column < len(cells) else None
        if step is None or not abs(step) < MAX_STEP:
            continue
        values = {
            names[column]: value
            for column, cell in enumerate(cells[: len(names)])
            if column not in {step_column, time_column} and (value := _number(cell)) is not None
        }
        has_time = time_column is not None and time_column < len(cells)
        seconds = _number(cells[time_column]) if has_time and time_column is not None else None
        if seconds is not None and not (math.isfinite(seconds) and seconds >= 0):
            seconds = None
        yield _Row(step=int(step), values=values, at=number / len(body), seconds=seconds)


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


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _output_rows(stdout: Path) -> Iterator[_Row]:
    """Read `key: value` pairs from lines that name an epoch; a progress bar counts by its end."""
    try:
        total = max(1, min(stdout.stat().st_size, MAX_OUTPUT_BYTES))
        with stdout.open("rb") as log:
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
