"""When a line of a log was written, by the supervisor's index of both outputs."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from runs_app.runner.own_file import open_own

INDEX = "output.index"
STREAMS = ("stdout", "stderr")
# A script may write to the file as well.
MAX_LINE_BYTES = 200
MAX_LINES = 500_000


@dataclass(frozen=True, slots=True)
class Moment:
    """The sizes in bytes of both outputs at a time in milliseconds since 1970."""

    time_ms: int
    stdout: int
    stderr: int


def read_moments(folder: Path, *, last_bytes: int | None = None) -> Iterator[Moment]:
    """Yield the index, in order of growth; nothing if there is none.

    `last_bytes`: only what is in so many bytes at its end.
    """
    try:
        index = open_own(folder / INDEX)
    except OSError:
        return
    with index:
        if last_bytes is not None:
            start = max(0, os.fstat(index.fileno()).st_size - last_bytes)
            index.seek(start)
            if start:
                index.readline()
        lines = iter(partial(index.readline, MAX_LINE_BYTES), b"")
        yield from _growing(map(_moment, islice(lines, MAX_LINES)))


def _moment(line: bytes) -> Moment | None:
    try:
        time_s, stdout, stderr = line.split()
        return Moment(round(float(time_s) * 1000), int(stdout), int(stderr))
    except (ValueError, OverflowError):
        return None


def _growing(moments: Iterable[Moment | None]) -> Iterator[Moment]:
    """Yield whole lines; a log that its script truncated keeps the size that it had."""
    stdout = stderr = 0
    for moment in moments:
        if moment is not None:
            stdout, stderr = max(stdout, moment.stdout), max(stderr, moment.stderr)
            yield Moment(moment.time_ms, stdout, stderr)


class LogMoments:
    """Maps a byte of one log to the time it was written, as precise as the supervisor's index."""

    def __init__(self, folder: Path, stream: str) -> None:
        self._sizes: list[int] = []
        self._times_ms: list[int] = []
        for moment in read_moments(folder):
            size: int = getattr(moment, stream)
            if not self._sizes or size > self._sizes[-1]:
                self._sizes.append(size)
                self._times_ms.append(moment.time_ms)

    def at_ms(self, offset_bytes: int) -> int | None:
        """Return milliseconds since 1970, None if the index does not cover this byte."""
        place = bisect_right(self._sizes, offset_bytes)
        return self._times_ms[place] if place < len(self._times_ms) else None

    def size_at(self, time_ms: int) -> int:
        """Return how many bytes there were at a time, 0 before the first line of the index."""
        place = bisect_right(self._times_ms, time_ms)
        return self._sizes[place - 1] if place else 0
