"""Delimited tables in every common dialect: a header, and a row for each step.

A table without a step column is a summary: see `summary_table`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from registry_app.messages import Message
from registry_app.results import reasons
from registry_app.results.lines import Line, Lines
from registry_app.results.numbers import number_of
from registry_app.results.rows import ResultReader, Row
from registry_app.results.tables.body import Body
from registry_app.results.tables.columns import Columns, why_ignored
from registry_app.results.tables.dialect import Dialect, dialect_of, dialect_of_sep_line
from registry_app.results.tables.summary_table import MAX_ROWS, SummaryTable
from registry_app.results.words import axis_of, is_metric

_COMMENT = re.compile(r"\s*(?:#|//|%(?!\d))\s*")


class CsvTable(ResultReader):
    """Read one table; `path` names the values of a table without a header."""

    name = "table"

    def __init__(self, path: str = "") -> None:
        super().__init__()
        self._path = path
        self._lines = Lines()
        self._comment: Line | None = None
        self._header: Line | None = None
        self._body: Body | None = None
        self._summary: list[tuple[Line, list[str]]] = []

    @staticmethod
    def takes(text: str) -> bool:
        """Return whether a text, which could also be a log, begins as a table with an axis."""
        lines = [line for line in text.split("\n") if line.strip()][:3]
        lines = lines[1:] if lines and dialect_of_sep_line(lines[0]) else lines
        if len(lines) < 2:
            return False
        dialect = dialect_of(lines[0], lines[-1])
        names, cells = dialect.cells(_uncommented(lines[0])), dialect.cells(lines[-1])
        numbers = sum(number_of(cell) is not None for cell in cells)
        # The first line of a log repeats its words: `epoch 0 loss: 0.5`.
        is_header = all(number_of(name) is None for name in names)
        has_axis = is_header and any(axis_of(name) for name in names)
        return len(names) == len(cells) and has_axis and numbers >= 2

    def feed(self, data: bytes) -> Iterator[Row]:
        for line in self._lines.feed(data):
            yield from self._line(line)

    def end(self) -> Iterator[Row]:
        for line in self._lines.end():
            if self._body is None or not self._is_cut(self._body, line):
                yield from self._line(line)
        if self._body is None and self._header is not None:
            yield from self._of_one_line(self._header)
        if self._body is not None and not self.is_done:
            yield from self._body.release()
            yield from self._summarised(self._body)
        self.notes += self._lines.notes()

    def _is_cut(self, body: Body, line: Line) -> bool:
        """Return whether a last line without an end lacks cells: its number may be truncated."""
        return len(body.cells(line)) < len(body.columns.names)

    def _line(self, line: Line) -> Iterator[Row]:
        if self.is_done or not line.text.strip():
            return
        if self._body is not None:
            yield from self._below(self._body, line)
        elif self._header is not None:
            yield from self._second_line(self._header, line)
        elif _COMMENT.match(line.text):
            self._comment = line
        elif dialect_of_sep_line(line.text) is None:
            self._header = line

    def _second_line(self, header: Line, line: Line) -> Iterator[Row]:
        if _COMMENT.match(line.text):
            return
        dialect = dialect_of(header.text, line.text)
        yield from self._open(dialect, header)
        if self._body is not None and not self.is_done:
            yield from self._below(self._body, line)

    def _of_one_line(self, header: Line) -> Iterator[Row]:
        """Read a table of one line: only a header, or the only row of a table without a header."""
        if not self.is_done:
            yield from self._open(dialect_of(header.text, header.text), header)
            self.reason = self.reason or reasons.EMPTY()

    def _open(self, dialect: Dialect, header: Line) -> Iterator[Row]:
        """Start a table with its header, or with its first row if it has no header."""
        names = dialect.cells(header.text)
        is_row = all(number_of(cell) is not None for cell in names)
        if is_row:
            names = self._names_of_nameless(dialect, names)
        if not names:
            self._stop(reasons.NO_HEADER())
            return
        self._body = Body(self._path, dialect, self._columns(names), self.skip)
        if is_row and not self.is_done:
            yield from self._below(self._body, header)

    def _columns(self, names: Sequence[str]) -> Columns:
        columns = Columns.of(names)
        for name in columns.ignored:
            self.skip(name, why_ignored(name) or reasons.NO_METRIC())
        if columns.has_axis and columns.is_of_items:
            self._stop(reasons.PREDICTIONS())
        return columns

    def _names_of_nameless(self, dialect: Dialect, cells: Sequence[str]) -> list[str]:
        """Return the names of a table without a header: a comment above it, or its file's name."""
        if self._comment is not None:
            names = dialect.cells(_uncommented(self._comment.text))
            if len(names) == len(cells):
                return names
        stem = _stem(self._path)
        return ["step", stem][-len(cells) :] if is_metric(stem) and len(cells) <= 2 else []

    def _stop(self, reason: Message) -> None:
        self.reason = reason
        self._summary = []
        self.is_done = True

    def _below(self, body: Body, line: Line) -> Iterator[Row]:
        if _COMMENT.match(line.text):
            return
        cells = body.cells(line)
        if body.is_alone:
            yield from body.value_alone(line, cells)
        elif not body.columns.has_axis:
            self._summary.append((line, cells))
            if len(self._summary) > MAX_ROWS:
                self._stop(reasons.PREDICTIONS())
        elif _is_header(cells):
            yield from body.release()
            body.rename(self._columns(cells))
        else:
            yield from body.rows(line, cells)

    def _summarised(self, body: Body) -> Iterator[Row]:
        if not self._summary:
            return
        table = SummaryTable(
            columns=body.columns,
            stem=_stem(self._path),
            number=body.number,
            value=body.value,
            skip=self.skip,
        )
        found = list(table.rows(self._summary))
        if not found:
            is_items = body.columns.is_of_items
            self.reason = reasons.PREDICTIONS() if is_items else reasons.NO_AXIS()
        yield from found


def _is_header(cells: Sequence[str]) -> bool:
    """Return whether a line is another header, such as one appended by a restart."""
    # In this order, as most lines begin with a number.
    return all(number_of(c) is None for c in cells) and any(axis_of(cell) for cell in cells)


def _stem(path: str) -> str:
    return posixpath.splitext(posixpath.basename(path))[0]


def _uncommented(text: str) -> str:
    return _COMMENT.sub("", text, count=1)
