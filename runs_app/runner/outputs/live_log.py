"""Follows the output of a script for metrics, at a cost that does not grow with the output.

Up to about 1 MB/s every line is read. Output beyond what the allowed share of a core can read is
sampled: each look reads the newest part. At the end of the run all of it is read.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path

from registry_app.results.curves import Curves, Series
from registry_app.results.rows import ResultReader
from runs_app.runner.own_file import open_own

# As a share of the time between two looks.
SHARE = 0.05
MAX_LOOK_BYTES = 2 * 2**20
MIN_LOOK_BYTES = 2**16
PIECE_BYTES = 2**15
# Per name, and per kind of line, in one look.
MAX_POINTS = 64
MAX_LINE_BYTES = 2**13
# Lines that differ only in these are of one kind.
_DIGITS = b"0123456789.+-"


class LiveLog:
    """One output of a running script; `is_sampled` is true once a part was not read."""

    def __init__(self, path: Path, stream: str, *, every_s: float) -> None:
        self._path = path
        self.stream = stream
        self._budget_s = SHARE * every_s
        self._offset = 0
        self._reader = _new_reader()
        self._rest = b""
        self._kinds: Counter[bytes] = Counter()
        self._bytes_per_s = MAX_LOOK_BYTES / self._budget_s
        self.is_sampled = False

    def series(self) -> tuple[Series, ...]:
        """Return what is new since the last call, by name; empty if it cannot be read."""
        try:
            with open_own(self._path) as log:
                size_bytes = os.fstat(log.fileno()).st_size
                if size_bytes == self._offset:
                    return ()
                if size_bytes < self._offset:  # truncated by the script
                    self._offset, self._reader, self._rest = 0, _new_reader(), b""
                return self._read(log.fileno(), size_bytes)
        except OSError:
            return ()

    def _read(self, log: int, size_bytes: int) -> tuple[Series, ...]:
        curves = Curves(max_points=MAX_POINTS)
        self._kinds = Counter()
        allowed = int(self._bytes_per_s * self._budget_s)
        allowed = max(MIN_LOOK_BYTES, min(allowed, MAX_LOOK_BYTES))
        if size_bytes - self._offset > allowed:
            self._skip_to(log, size_bytes - allowed, curves)
        begin_s, read_bytes = time.thread_time(), 0
        while self._offset < size_bytes:
            piece = os.pread(log, min(PIECE_BYTES, size_bytes - self._offset), self._offset)
            if not piece:
                break
            self._offset += len(piece)
            read_bytes += len(piece)
            self._feed(piece, curves)
            took_s = time.thread_time() - begin_s
            if took_s > self._budget_s and self._offset < size_bytes:
                self._skip_to(log, size_bytes, curves)
        self._learn(read_bytes, time.thread_time() - begin_s)
        return curves.series()

    def _feed(self, piece: bytes, curves: Curves) -> None:
        """Read a piece; of many lines of one kind, only the first: pages show no more."""
        *lines, rest = (self._rest + piece).split(b"\n")
        few = [line for line in lines if self._is_among_first(line)]
        if len(rest) > MAX_LINE_BYTES:  # a progress bar that is overwritten repeatedly
            few.append(rest)
            rest = b""
        self._rest = rest
        if few:
            curves.add_all(self._reader.feed(b"\n".join([*few, b""])))

    def _is_among_first(self, line: bytes) -> bool:
        kind = line[:MAX_LINE_BYTES].translate(None, _DIGITS)
        self._kinds[kind] += 1
        return self._kinds[kind] <= MAX_POINTS

    def _skip_to(self, log: int, offset: int, curves: Curves) -> None:
        """Continue at the first whole line after `offset`."""
        self.is_sampled = True
        self._rest = b""
        newline = os.pread(log, PIECE_BYTES, offset).find(b"\n")
        self._offset = offset + newline + 1

    def _learn(self, read_bytes: int, took_s: float) -> None:
        """Remember how fast this log is read, so that the next look stays within its time."""
        if read_bytes >= MIN_LOOK_BYTES and took_s > 0:
            self._bytes_per_s = (self._bytes_per_s + read_bytes / took_s) / 2


def _new_reader() -> ResultReader:
    # Whatever ends a run imports this module; only what follows one needs readers.
    from registry_app.results.choosing import log_reader

    return log_reader()
