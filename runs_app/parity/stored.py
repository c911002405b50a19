"""What the row of a comparison holds: the table as JSON, and what its runs measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from runs_app.choices import ParityRole
from runs_app.models import ParityRun, RunMetric
from runs_app.parity.table import Result, Row, Value


def to_json(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Return the table as the column stores it."""
    return [
        {
            "metric": row.metric,
            "old": list(row.old),
            "new": list(row.new),
            "control": list(row.control),
            "difference": row.difference,
            "tolerance": row.tolerance,
            "control_difference": row.control_difference,
            "control_tolerance": row.control_tolerance,
        }
        for row in rows
    ]


def from_json(rows: Iterable[dict[str, Any]]) -> tuple[Row, ...]:
    """Read the output of `to_json`."""
    lists = ("old", "new", "control")
    return tuple(Row(**{**row, **{name: tuple(row[name]) for name in lists}}) for row in rows)


def results_of(parts: Sequence[ParityRun]) -> list[Result]:
    """Return what the succeeded runs measured, in the order in which they were asked for."""
    values: dict[int, dict[str, Value]] = {}
    rows = RunMetric.objects.filter(run__in=[part.run_id for part in parts]).order_by("run", "id")
    for row in rows.iterator(chunk_size=2000):
        value = Value(last=row.last, lowest=row.lowest, highest=row.highest)
        values.setdefault(row.run_id, {})[row.name] = value
    return [
        Result(
            role=ParityRole(part.role),
            seed=part.seed,
            values=values.get(part.run_id or 0, {}),
        )
        for part in parts
    ]
