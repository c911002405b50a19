"""The record of a run's results: what was read, by which reader, and what was found.

It is written once, when the run is closed, together with the points themselves. A run of an older
version has only points, under names that MLflow accepts; its results are marked as older.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry_app.messages import Message
from registry_app.results import reasons
from registry_app.results.rows import Skipped
from runs_app.records.kept_file import open_inside
from runs_app.records.metrics_summary import NAME as POINTS
from runs_app.records.metrics_summary import (
    MetricSummary,
    summarise_live,
    summarise_points,
    summary_of,
)
from runs_app.runner.outputs.metric_points import Collected, SourceRecord
from runs_app.system.files import write_json

NAME = "results.json"
FORMAT = 1
MAX_BYTES = 32 * 2**20
# JSON cannot represent these; Python's float() reads the words.
NAN, INFINITY = "NaN", "Infinity"


@dataclass(frozen=True, kw_only=True)
class RunResults:
    """Metrics by name, and the sources that were read.

    `is_older`: recorded before the portal saved which sources it read. `is_live`: the run has not
    ended, and these are its results so far.
    """

    metrics: tuple[MetricSummary, ...] = ()
    sources: tuple[SourceRecord, ...] = ()
    is_older: bool = False
    is_live: bool = False


def write(folder: Path, collected: Collected, *, keys: Mapping[str, str]) -> None:
    """Write the record; `keys` are the names under which MLflow has the metrics.

    Raises OSError.
    """
    summaries = summary_of(collected.points)
    metrics = {
        summary.key: {
            "last": json_number(summary.last),
            "min": json_number(summary.least),
            "max": json_number(summary.greatest),
            "points": summary.points,
            "seen": collected.seen.get(summary.key, summary.points),
            "file": summary.file,
            "bad_step": summary.bad_step,
            "points_before": summary.points_before,
            "mlflow_key": keys.get(summary.key, summary.key),
        }
        for summary in summaries
    }
    sources = [_source_row(source) for source in collected.sources]
    write_json(folder / NAME, {"format": FORMAT, "sources": sources, "metrics": metrics})


def read(folder: Path) -> RunResults:
    """Return a run's results: from its record, else its saved points, else its live points."""
    row = _row(folder)
    if row is not None:
        try:
            metrics = tuple(_summary(name, value) for name, value in row["metrics"].items())
            sources = tuple(_source(item) for item in row["sources"])
        except (LookupError, TypeError, ValueError, AttributeError):
            return RunResults(is_older=True)
        return RunResults(metrics=metrics, sources=sources)
    if (folder / POINTS).exists():
        return RunResults(metrics=tuple(summarise_points(folder)), is_older=True)
    return RunResults(metrics=tuple(summarise_live(folder)), is_live=True)


def json_number(value: float) -> float | str:
    """Return a number that JSON can represent."""
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return NAN
    return INFINITY if value > 0 else f"-{INFINITY}"


def _row(folder: Path) -> dict[str, Any] | None:
    try:
        with open_inside(folder, NAME) as file:
            row = json.loads(file.read(MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) and row.get("format") == FORMAT else None


def _summary(name: str, row: Mapping[str, Any]) -> MetricSummary:
    return MetricSummary(
        key=name,
        last=float(row["last"]),
        least=float(row["min"]),
        greatest=float(row["max"]),
        points=int(row["points"]),
        seen=int(row["seen"]),
        file=str(row["file"]),
        bad_step=row["bad_step"],
        points_before=int(row["points_before"]),
    )


def _source_row(source: SourceRecord) -> dict[str, Any]:
    return {
        "source": source.source,
        "reader": source.reader,
        "points": source.points,
        "reason": source.reason.to_json() if source.reason else None,
        "notes": [note.to_json() for note in source.notes],
        "skipped": {name: skipped.count for name, skipped in source.skipped.items()},
        "skipped_because": {
            name: skipped.reason.to_json() for name, skipped in source.skipped.items()
        },
    }


def _source(row: Mapping[str, Any]) -> SourceRecord:
    return SourceRecord(
        source=str(row["source"]),
        reader=str(row["reader"]),
        points=int(row["points"]),
        reason=Message.from_json(row["reason"]) if row["reason"] else None,
        notes=tuple(map(Message.from_json, row["notes"])),
        skipped=_skipped(row),
    )


def _skipped(row: Mapping[str, Any]) -> dict[str, Skipped]:
    """Return the values that were not taken; records of older versions have no reasons."""
    because = row.get("skipped_because", {})
    return {
        str(name): Skipped(
            count=int(count),
            reason=Message.from_json(because[name]) if name in because else reasons.NO_METRIC(),
        )
        for name, count in row["skipped"].items()
    }
