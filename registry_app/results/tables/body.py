"""The rows of a table below its header."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from registry_app.results import reasons
from registry_app.results.lines import Line
from registry_app.results.numbers import (
    as_step,
    has_only_decimal_comma,
    is_decimal_comma,
    is_huge,
    number_of,
)
from registry_app.results.rows import Row, Skip
from registry_app.results.spelling import key_of
from registry_app.results.steps import StepCounter
from registry_app.results.tables.columns import Columns
from registry_app.results.tables.dialect import Dialect
from registry_app.results.words import axis_of, is_metric

# The value column of every table that TensorBoard exports.
_VALUE = frozenset({"value", "values"})
# Label columns that number several trainings of one table.
_NUMBERED = frozenset({"fold", "run", "trial"})
# Cells of values that are not there.
_ABSENT = frozenset({"", "-", "--", "–", "—", "?", ".", "n/a", "na", "none", "null", "nil", "없음"})
_TRUTHS = frozenset({"true", "false", "yes", "no", "참", "거짓"})
# `3/100`: the third of a hundred.
_OF_TOTAL = re.compile(r"(\d{1,9})\s*/\s*\d{1,9}")
Cells = list[str]


class Body:
    """Read cells as rows of one header; `path` names the metric of a table with one value.

    If both an epoch and a finer counter may be the axis, the first row waits for the second.
    """

    def __init__(self, path: str, dialect: Dialect, columns: Columns, skip: Skip) -> None:
        self._stem = posixpath.splitext(posixpath.basename(path))[0]
        self._skip = skip
        self._dialect = dialect
        self.columns = columns
        self._held: tuple[Line, Cells] | None = None
        self._use_fine: bool | None = None
        self._steps = StepCounter()
        self._has_point = False
        self._has_comma = False
        self._count = 0

    def rename(self, columns: Columns) -> None:
        """Use another header, such as one appended by a restart."""
        self.columns = columns

    def cells(self, line: Line) -> Cells:
        """Return the cells of a line."""
        cells = self._dialect.cells(line.text)
        self._has_point = self._has_point or any("." in c and number_of(c) for c in cells)
        self._has_comma = self._has_comma or any(
            "," in c and has_only_decimal_comma(c) for c in cells
        )
        return cells

    def rows(self, line: Line, cells: Cells) -> Iterator[Row]:
        """Yield the row of a line, preceded by a waiting row."""
        if self._held is None and self._use_fine is None:
            if self.columns.epoch >= 0 and self.columns.fine >= 0:
                self._held = (line, cells)
                return
            self._use_fine = self.columns.epoch < 0
        if self._held is not None and self._use_fine is None:
            self._use_fine = self._is_fine_better(self._held[1], cells)
        yield from self.release()
        yield from self._row(line, cells)

    def release(self) -> Iterator[Row]:
        """Yield the first row if it is still waiting."""
        if self._held is None:
            return
        if self._use_fine is None:
            columns = self.columns
            self._use_fine = columns.epoch < 0 or (columns.fine >= 0 and not columns.fine_is_batch)
        held, self._held = self._held, None
        yield from self._row(*held)

    def value_alone(self, line: Line, cells: Cells) -> Iterator[Row]:
        """Yield the value of a table with one column; the row number is the step."""
        value = self.value(self.columns.names[0], cells[0])
        if value is not None:
            self._count += 1
            yield Row(
                values={self.columns.names[0]: value},
                step=self._count - 1,
                axis="row",
                line=line.number,
                begin_bytes=line.begin_bytes,
            )

    @property
    def is_alone(self) -> bool:
        """Whether the table has one column, of a metric."""
        return len(self.columns.names) == 1 and is_metric(self.columns.names[0])

    def number(self, cell: str) -> float | None:
        """Return the number of a cell in the dialect of this table."""
        may_be_comma = self._has_comma or (
            self._dialect.may_have_decimal_comma and not self._has_point
        )
        return number_of(cell, decimal_comma=may_be_comma and is_decimal_comma(cell))

    def value(self, name: str, cell: str) -> float | None:
        """Return the number of a cell; None for any other cell, which is reported."""
        value = self.number(cell)
        if value is None and cell.strip().lower() not in _ABSENT:
            if cell.strip().lower() in _TRUTHS:
                self._skip(name, reasons.TRUTH())
            else:
                self._skip(name, reasons.HUGE() if is_huge(cell) else reasons.not_a_number(cell))
        return value

    def _is_fine_better(self, first: Cells, second: Cells) -> bool:
        """Return whether the finer counter is the axis, given the first two rows."""
        columns = self.columns
        if columns.epoch < 0 or columns.fine < 0:
            return columns.epoch < 0
        epochs = [self._step(cells, columns.epoch) for cells in (first, second)]
        fines = [self._step(cells, columns.fine) for cells in (first, second)]
        # Lightning's rows of learning rates have a step and no epoch.
        if None in epochs and None not in fines and not columns.fine_is_batch:
            return True
        is_same_epoch, is_same_fine = epochs[0] == epochs[1], fines[0] == fines[1]
        if columns.fine_is_batch:
            return is_same_epoch and not is_same_fine
        return is_same_epoch or not is_same_fine

    def _row(self, line: Line, cells: Cells) -> Iterator[Row]:
        columns = self.columns
        epoch = self._step(cells, columns.epoch)
        fine = self._step(cells, columns.fine) if self._use_fine else None
        step = epoch if fine is None else self._steps.step(epoch, fine)
        values = self._values(cells)
        if step is None:
            for name in values:
                self._skip(name, reasons.NO_STEP())
        if step is None or not values:
            return
        yield Row(
            values=values,
            step=step,
            axis=axis_of(columns.names[columns.epoch if fine is None else columns.fine]),
            line=line.number,
            begin_bytes=line.begin_bytes,
            seconds=self._seconds(cells, columns.seconds),
            written_s=self._seconds(cells, columns.written),
        )

    def _values(self, cells: Cells) -> dict[str, float]:
        columns = self.columns
        words = [self._label(at, cells[at]) for at in columns.labels if at < len(cells)]
        label = "/".join(filter(None, words))
        values: dict[str, float] = {}
        for at in columns.values:
            value = self.value(columns.names[at], cells[at]) if at < len(cells) else None
            if value is not None:
                values[self._name(at, label)] = value
        return values

    def _label(self, at: int, word: str) -> str:
        """Return a label; a number is one only in a column that numbers trainings: `fold 1`."""
        name = self.columns.names[at]
        if self.number(word) is None:
            return word
        return f"{name} {word}" if key_of(name) in _NUMBERED else ""

    def _name(self, at: int, label: str) -> str:
        name = self.columns.names[at]
        if at == self.columns.long_value and label:
            return label
        if key_of(name) in _VALUE and (self.columns.written >= 0 or is_metric(self._stem)):
            return self._stem
        return f"{label}/{name}" if label else name

    def _step(self, cells: Sequence[str], at: int) -> int | None:
        if not 0 <= at < len(cells):
            return None
        counted = _OF_TOTAL.fullmatch(cells[at])
        return as_step(self.number(counted[1] if counted else cells[at]))

    def _seconds(self, cells: Sequence[str], at: int) -> float | None:
        seconds = self.number(cells[at]) if 0 <= at < len(cells) else None
        return seconds if seconds is not None and 0 <= seconds < 1e12 else None
