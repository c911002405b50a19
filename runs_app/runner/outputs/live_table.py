"""Follows one result table that a script is writing.

Scripts append rows, write the whole table again after each epoch, or begin another of the same
name. Only whole lines are read. What was read is known by its last bytes: where they are no longer
there, the table is read from its beginning, and its rows are given once more.
"""

from __future__ import annotations

import codecs
import csv
import os
from collections.abc import Iterator
from pathlib import Path

from runs_app.runner.outputs.copying import NotKeptError, opened
from runs_app.runner.outputs.result_table import ResultTable, TableRow

MOST_BYTES = 2**20
TAIL_BYTES = 256


class LiveTable:
    """A table of the directory; `path` is relative to it."""

    def __init__(self, directory: Path, path: str) -> None:
        self._directory = directory
        self.path = path
        self._begin()
        self._seen: tuple[int, ...] = ()

    def _begin(self) -> None:
        self._table: ResultTable | None = None
        self._has_first_line = False
        self._offset = 0
        self._tail = b""

    def rows(self) -> Iterator[tuple[TableRow, float]]:
        """Return the rows that are new, each with when they were written, in seconds since 1970.

        At most MOST_BYTES at a time. A file that cannot be read says nothing.
        """
        try:
            with opened(self._directory, self.path) as source:
                facts = os.fstat(source)
                seen = (facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino)
                if seen == self._seen:
                    return
                lines, is_all = self._new_lines(source)
        except (NotKeptError, OSError):
            return
        self._seen = seen if is_all else ()
        for line in lines:
            row = self._row(line)
            if row is not None:
                yield row, facts.st_mtime

    def _new_lines(self, source: int) -> tuple[list[bytes], bool]:
        """Return the whole lines behind what was read, and whether that is all there is."""
        before = os.pread(source, len(self._tail), self._offset - len(self._tail))
        if before != self._tail:
            self._begin()
        data = os.pread(source, MOST_BYTES, self._offset)
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        self._tail = (self._tail + whole)[-TAIL_BYTES:]
        return whole.splitlines(), len(data) < MOST_BYTES

    def _row(self, line: bytes) -> TableRow | None:
        try:
            text = _text(line)
            if not self._has_first_line:
                self._has_first_line = True
                self._table = ResultTable.of(text)
                return None
            return self._table.line(text) if self._table else None
        except (csv.Error, ValueError, OverflowError):
            return None


def _text(line: bytes) -> str:
    line = line.removeprefix(codecs.BOM_UTF8)
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp949", "replace")
