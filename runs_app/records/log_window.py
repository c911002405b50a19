"""A window on a log that may be huge and still growing: its tail, what is new, what came before.

Offsets count bytes. Each answer holds at most CHUNK_BYTES, whatever the size of the log.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from runs_app.records.kept_file import open_inside

CHUNK_BYTES = 2**18
# Who is further behind than this sees the tail, not a film of what was missed.
FAR_BEHIND_BYTES = 2**20
LOGS = {"stdout": "stdout.log", "stderr": "stderr.log"}


@dataclass(frozen=True, kw_only=True)
class LogWindow:
    """Bytes `start` to `start + len(data)` of a log that had `size` bytes when it was read."""

    data: bytes
    start: int
    size: int
    skipped: int = 0

    @property
    def end(self) -> int:
        return self.start + len(self.data)


def read_tail(folder: Path, stream: str) -> LogWindow:
    """Return the end of a log, beginning with a whole line where there is one."""
    with _opened(folder, stream) as (log, size):
        return _ending_at(log, size, size=size)


def read_from(folder: Path, stream: str, offset: int) -> LogWindow:
    """Return what follows `offset`; the tail where that is too far back or the log was cut."""
    with _opened(folder, stream) as (log, size):
        if offset > size:
            return _ending_at(log, size, size=size)
        if size - offset > FAR_BEHIND_BYTES:
            tail = _ending_at(log, size, size=size)
            return LogWindow(
                data=tail.data, start=tail.start, size=size, skipped=tail.start - offset
            )
        log.seek(offset)
        return LogWindow(data=log.read(min(CHUNK_BYTES, size - offset)), start=offset, size=size)


def read_before(folder: Path, stream: str, offset: int) -> LogWindow:
    """Return what comes just before `offset`, beginning with a whole line where there is one."""
    with _opened(folder, stream) as (log, size):
        return _ending_at(log, min(offset, size), size=size)


def size_of(folder: Path, stream: str) -> int:
    """Return the size of a log in bytes; 0 where it is not there yet."""
    with _opened(folder, stream) as (_log, size):
        return size


@contextmanager
def _opened(folder: Path, stream: str) -> Iterator[tuple[BinaryIO, int]]:
    try:
        log = open_inside(folder, LOGS[stream])
    except FileNotFoundError:
        log = io.BytesIO()
        size = 0
    else:
        size = os.fstat(log.fileno()).st_size
    with log:
        yield log, size


def _ending_at(log: BinaryIO, end: int, *, size: int) -> LogWindow:
    start = max(0, end - CHUNK_BYTES)
    log.seek(start)
    data = log.read(end - start)
    if start > 0:
        line = data.find(b"\n") + 1
        if 0 < line < len(data):
            data, start = data[line:], start + line
    return LogWindow(data=data, start=start, size=size)
