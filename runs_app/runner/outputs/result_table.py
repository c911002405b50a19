"""Result tables: a CSV with a column that counts epochs or steps, and numbers beside it."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

STEP_COLUMNS = (
    "epoch", "epochs", "에폭", "에포크", "step", "steps", "global_step", "스텝", "iter", "iters",
    "iteration", "round"
)  # fmt: skip
# Databases hold no greater step.
MAX_STEP = 2**63 - 1
# Seconds since the start, as Ultralytics writes them.
TIME_COLUMN = "time"


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """The numbers of one step; `seconds` since the start where the table says so."""

    step: int
    values: dict[str, float]
    seconds: float | None = None


@dataclass(frozen=True, kw_only=True)
class ResultTable:
    """What the first line of a result table says of the others."""

    delimiter: str
    names: tuple[str, ...]
    step_column: int
    time_column: int | None

    @classmethod
    def of(cls, first_line: str) -> Self | None:
        """Read a first line; None where it is that of no result table. Raises csv.Error."""
        delimiter = max(",;\t", key=first_line.count)
        names = tuple(name.strip() for name in _cells(first_line, delimiter))
        lower = [name.lower() for name in names]
        steps = [lower.index(name) for name in STEP_COLUMNS if name in lower]
        if not steps:
            return None
        time_column = lower.index(TIME_COLUMN) if TIME_COLUMN in lower else None
        return cls(delimiter=delimiter, names=names, step_column=steps[0], time_column=time_column)

    def line(self, line: str) -> TableRow | None:
        """Read one line; raises csv.Error."""
        return self.row(_cells(line, self.delimiter))

    def row(self, cells: Sequence[str]) -> TableRow | None:
        """Return the numbers of a row; None for one that names no step."""
        step = number_of(cells[self.step_column]) if self.step_column < len(cells) else None
        if step is None or not abs(step) < MAX_STEP:
            return None
        values = {
            self.names[column]: value
            for column, cell in enumerate(cells[: len(self.names)])
            if column not in {self.step_column, self.time_column}
            and (value := number_of(cell)) is not None
        }
        return TableRow(step=int(step), values=values, seconds=self._seconds(cells))

    def _seconds(self, cells: Sequence[str]) -> float | None:
        if self.time_column is None or self.time_column >= len(cells):
            return None
        seconds = number_of(cells[self.time_column])
        return seconds if seconds is not None and 0 <= seconds < math.inf else None


def read_table(text: str) -> Iterator[tuple[TableRow, float]]:
    """Return each row with where in the table it stands, from 0 to 1; raises csv.Error."""
    table = ResultTable.of(text.partition("\n")[0])
    if table is None:
        return
    lines = csv.reader(text.splitlines(), delimiter=table.delimiter, skipinitialspace=True)
    body = list(lines)[1:]
    if body and len(body[-1]) < len(table.names) and not text.endswith(("\n", "\r")):
        body.pop()  # its last number may be cut in the middle
    for number, cells in enumerate(body, start=1):
        row = table.row(cells)
        if row is not None:
            yield row, number / len(body)


def number_of(cell: str) -> float | None:
    """Return the number that a cell holds."""
    try:
        return float(cell)
    except ValueError:
        return None


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
