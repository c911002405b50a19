"""What is known of a huge and growing log, in each process of the web server: line numbers.

Newlines are counted in blocks of BLOCK_BYTES; eight bytes are remembered for each block. A log is
counted as far as it is needed, and at most COUNT_BYTES further in one call, so that no page waits
for a log of many gigabytes. Up to where no line looks like an error is known as well, since that
is asked again and again while the log grows.
"""

from __future__ import annotations

import os
import threading
from array import array
from bisect import bisect_left
from collections import OrderedDict
from typing import BinaryIO

from runs_app.records.logs.opening import read_at

BLOCK_BYTES = 2**20
COUNT_BYTES = 2**29
MAX_LOGS = 64


class LineIndex:
    """The number of newlines before each block of one log.

    `quiet_bytes`: as many bytes from the beginning, whole lines, hold no line like an error.
    """

    def __init__(self) -> None:
        self.quiet_bytes = 0
        self._before = array("Q", [0])
        self._lock = threading.Lock()

    @property
    def counted_bytes(self) -> int:
        """How far the log has been counted."""
        return (len(self._before) - 1) * BLOCK_BYTES

    def line_at(self, log: BinaryIO, offset: int) -> int | None:
        """Return the number of the line with the byte at `offset`, from 1; None if too far."""
        block = offset // BLOCK_BYTES
        self.count(log, block * BLOCK_BYTES, size_bytes=offset)
        if block >= len(self._before):
            return None
        rest = read_at(log, block * BLOCK_BYTES, offset - block * BLOCK_BYTES)
        return self._before[block] + rest.count(b"\n") + 1

    def offset_of(self, log: BinaryIO, line: int, *, size_bytes: int) -> int | None:
        """Return where a line begins, near the end if there are fewer; None if that is too far."""
        limit_bytes = min(size_bytes, self.counted_bytes + COUNT_BYTES)
        while self._before[-1] < line - 1 and self.counted_bytes + BLOCK_BYTES <= limit_bytes:
            self.count(log, self.counted_bytes + BLOCK_BYTES, size_bytes=size_bytes)
        if self._before[-1] < line - 1 and self.counted_bytes + BLOCK_BYTES <= size_bytes:
            return None
        block = max(0, bisect_left(self._before, line - 1) - 1)
        start = block * BLOCK_BYTES
        data = read_at(log, start, min(BLOCK_BYTES, size_bytes - start))
        at = 0
        for _newline in range(line - 1 - self._before[block]):
            found = data.find(b"\n", at) + 1
            if found == 0 or start + found >= size_bytes:
                break
            at = found
        return start + at

    def count(self, log: BinaryIO, wanted_bytes: int, *, size_bytes: int) -> None:
        """Count whole blocks up to `wanted_bytes`, at most COUNT_BYTES of them."""
        with self._lock:
            most = min(wanted_bytes, size_bytes, self.counted_bytes + COUNT_BYTES)
            while self.counted_bytes + BLOCK_BYTES <= most:
                block = read_at(log, self.counted_bytes, BLOCK_BYTES)
                if len(block) < BLOCK_BYTES:  # truncated meanwhile
                    return
                self._before.append(self._before[-1] + block.count(b"\n"))


_indexes: OrderedDict[tuple[int, int], LineIndex] = OrderedDict()
_lock = threading.Lock()


def index_of(log: BinaryIO, size_bytes: int) -> LineIndex:
    """Return the index of an open log; a new one if the log is shorter than what was counted."""
    try:
        facts = os.fstat(log.fileno())
    except OSError:  # an empty log has no file
        return LineIndex()
    key = (facts.st_dev, facts.st_ino)
    with _lock:
        found = _indexes.get(key)
        if found is None or max(found.counted_bytes, found.quiet_bytes) > size_bytes:
            found = _indexes[key] = LineIndex()
        _indexes.move_to_end(key)
        if len(_indexes) > MAX_LOGS:
            _indexes.popitem(last=False)
        return found
