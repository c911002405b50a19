"""A window on a log that may be huge and still growing: its tail, newer bytes, earlier bytes.

Offsets count bytes. Each answer is bounded, whatever the size of the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from runs_app.records.logs.lines import index_of
from runs_app.records.logs.opening import opened, read_at

CHUNK_BYTES = 2**18
# What a viewer who follows the end gets at once: a second of a log that grows quickly.
NEWS_BYTES = 2**20
# A reader that is further behind than this gets the tail instead of all that it missed.
FAR_BEHIND_BYTES = 2**23
# What is shown before the place to which a viewer jumps.
CONTEXT_BYTES = 2**14


@dataclass(frozen=True, kw_only=True)
class LogWindow:
    """Bytes `start` to `start + len(data)` of a log that had `size` bytes when it was read.

    `line` is the number of its first line, None if it is not known or begins inside a line.
    """

    data: bytes
    start: int
    size: int
    skipped: int = 0
    line: int | None = None

    @property
    def end(self) -> int:
        return self.start + len(self.data)


def read_tail(folder: Path, stream: str) -> LogWindow:
    """Return the end of a log, beginning with a whole line if there is one."""
    with opened(folder, stream) as (log, size):
        return _ending_at(log, size, size=size)


def read_from(folder: Path, stream: str, offset: int) -> LogWindow:
    """Return what follows `offset`; the tail if that is too far back or the log was truncated."""
    with opened(folder, stream) as (log, size):
        if offset > size:
            return _ending_at(log, size, size=size)
        if size - offset > FAR_BEHIND_BYTES:
            return _ending_at(log, size, size=size, wanted=offset)
        data = read_at(log, offset, min(NEWS_BYTES, size - offset))
        return LogWindow(data=data, start=offset, size=size)


def read_before(folder: Path, stream: str, offset: int) -> LogWindow:
    """Return what comes just before `offset`, beginning with a whole line if there is one."""
    with opened(folder, stream) as (log, size):
        return _ending_at(log, min(offset, size), size=size)


def read_after(folder: Path, stream: str, offset: int) -> LogWindow:
    """Return what follows `offset`, however far from the end that is."""
    with opened(folder, stream) as (log, size):
        return _starting_at(log, min(offset, size), size=size)


def read_around(folder: Path, stream: str, offset: int) -> LogWindow:
    """Return what is around `offset`: some lines before it, and what follows."""
    with opened(folder, stream) as (log, size):
        before = _ending_at(log, min(offset, size), size=size, most=CONTEXT_BYTES)
        return _starting_at(log, before.start, size=size, line=before.line)


def _starting_at(log: BinaryIO, offset: int, *, size: int, line: int | None = None) -> LogWindow:
    data = read_at(log, offset, min(CHUNK_BYTES, size - offset))
    return LogWindow(data=data, start=offset, size=size, line=line)


def _ending_at(
    log: BinaryIO, end: int, *, size: int, most: int | None = None, wanted: int | None = None
) -> LogWindow:
    """Return the last whole lines before `end`; what is left out after `wanted` is skipped."""
    start = max(0, end - (CHUNK_BYTES if most is None else most))
    data = read_at(log, start, end - start)
    is_whole = start == 0
    if not is_whole:
        line = data.find(b"\n") + 1
        is_whole = 0 < line < len(data)
        if is_whole:
            data, start = data[line:], start + line
    return LogWindow(
        data=data,
        start=start,
        size=size,
        skipped=0 if wanted is None else start - wanted,
        line=index_of(log, size).line_at(log, start) if is_whole else None,
    )
