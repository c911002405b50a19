"""Follows one file of results that a script is writing.

Scripts append rows, rewrite the whole file after each epoch, or begin another file of the same
name. The last bytes that were read are remembered: if they are no longer there, the file is read
from its beginning, and its rows are returned again. A document such as JSON is always read whole;
the larger it is, the less often.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from registry_app.messages import Message
from registry_app.results.reading import HEAD_BYTES
from registry_app.results.rows import ResultReader, Row
from runs_app.runner.outputs.before import OldFiles
from runs_app.runner.outputs.copying import NotKeptError, opened

MAX_BYTES = 2**20
MAX_DOCUMENT_BYTES = 8 * 2**20
TAIL_BYTES = 256
# Maximum share of a core for rereading a document.
DOCUMENT_SHARE = 0.02


class LiveFile:
    """A file of the directory; `path` is relative to it.

    `old_size_bytes` is its size before the start, 0 if it did not exist; its old content is
    skipped. `was_rewritten`: it was seen shorter than that, so all of its content is new.
    """

    def __init__(
        self, directory: Path, path: str, *, old: OldFiles, old_size_bytes: int = 0
    ) -> None:
        self._directory = directory
        self.path = path
        self._old = old
        self._old_size_bytes = old_size_bytes
        self.was_rewritten = False
        self._seen: tuple[int, ...] = ()
        self._again_at_s = 0.0
        self._begin()

    def _begin(self) -> None:
        self._reader: ResultReader | None = None
        self._offset = 0
        self._tail = b""
        self._skip_bytes = 0

    @property
    def is_table(self) -> bool:
        """Return whether it is a table: rows are appended to it, and it is no document or log."""
        reader = self._reader
        return reader is not None and not (reader.is_document or reader.is_by_line)

    def rows(self) -> Iterator[tuple[Row, float]]:
        """Yield new rows, each with the time it was written, in seconds since 1970.

        At most MAX_BYTES at a time. A file that cannot be read has no rows.
        """
        try:
            with opened(self._directory, self.path) as source:
                facts = os.fstat(source)
                seen = (facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino)
                if seen == self._seen or time.monotonic() < self._again_at_s:
                    return
                self.was_rewritten |= facts.st_size < self._old_size_bytes
                rows, is_all = self._new_rows(source, facts.st_size)
        except (NotKeptError, OSError):
            return
        self._seen = seen if is_all else ()
        for row in rows:
            yield row, facts.st_mtime

    def _new_rows(self, source: int, size_bytes: int) -> tuple[list[Row], bool]:
        """Return the rows after those already read, and whether there are no more."""
        if os.pread(source, len(self._tail), self._offset - len(self._tail)) != self._tail:
            self._begin()
        reader = self._reader or self._choose(source)
        if reader is None:
            return [], True
        if reader.is_document:
            return self._document(source, size_bytes), True
        data = os.pread(source, MAX_BYTES, self._offset)
        self._offset += len(data)
        self._tail = (self._tail + data)[-TAIL_BYTES:]
        rows = [row for row in reader.feed(data) if row.begin_bytes >= self._skip_bytes]
        return rows, len(data) < MAX_BYTES

    def _choose(self, source: int) -> ResultReader | None:
        """Choose a new reader for the file; None while its start is not that of a result file."""
        # Whatever ends a run imports this module; only what follows one needs readers.
        from registry_app.results.choosing import choose

        chosen = choose(self.path, os.pread(source, HEAD_BYTES, 0))
        if isinstance(chosen, Message):
            return None
        self._reader = chosen
        if self._old_size_bytes and not self.was_rewritten:
            with os.fdopen(os.dup(source), "rb") as new:
                self._skip_bytes = self._old.old_bytes(self.path, new) or 0
        if chosen.is_by_line:
            self._offset, self._skip_bytes = self._skip_bytes, 0
        return chosen

    def _document(self, source: int, size_bytes: int) -> list[Row]:
        reader = self._choose(source) if size_bytes <= MAX_DOCUMENT_BYTES else None
        if reader is None:
            return []
        begin_s = time.thread_time()
        rows = [*reader.feed(os.pread(source, size_bytes, 0)), *reader.end()]
        took_s = time.thread_time() - begin_s
        self._again_at_s = time.monotonic() + took_s / DOCUMENT_SHARE
        return rows
