"""Results that an experiment ships: tables with one row for each epoch or step."""

from __future__ import annotations

import csv
import io
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from registry_app.inference.project import Project

STEP_COLUMNS = frozenset({"epoch", "step", "iter", "iteration"})


@dataclass(frozen=True, kw_only=True)
class PastRun:
    """A table of results and how many rows of numbers it has."""

    path: str
    rows: int


def find_past_runs(project: Project) -> Iterator[PastRun]:
    """Give the tables whose header names an epoch or step, and those called results.csv."""
    for path in project.paths:
        if not path.lower().endswith(".csv"):
            continue
        text = project.text(path)
        if not text:
            continue
        rows = _rows(text)
        if not rows:
            continue
        header = {cell.strip().lower() for cell in rows[0]}
        if header & STEP_COLUMNS or posixpath.basename(path).lower() == "results.csv":
            yield PastRun(path=path, rows=len(rows) - 1)


def _rows(text: str) -> list[list[str]]:
    try:
        return [row for row in csv.reader(io.StringIO(text)) if any(cell.strip() for cell in row)]
    except csv.Error:
        return []
