"""Notices that a script emptied its own log, and how much of it is gone at least.

A script's output is written directly to a file. `echo x > /dev/stderr` opens that file by its path
and truncates it: on a terminal that is harmless, here it removes what was printed before. Nothing
but the kernel's privileged attributes prevents it, so it is noticed, and reported with the run.

1. A block far beyond the end of the file, reserved at the start, is freed by every truncation: if
   it is missing, the file was truncated, however much was written since.
2. inotify reports each open of the file by path at once. Then the position of the descriptor that
   the script inherited is still the size from before, which is what was lost.

Either is enough to notice most of it: some file systems have no such blocks (NFS), and a user's
inotify instances are limited. Standard library only, Python 3.8.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself would cost memory
    from typing import List, Optional, Sequence

MARK_OFFSET, MARK_BYTES = 2**40, 4096
_KEEP_SIZE = 1
_FIEMAP = 0xC020660B
_IN_CLOSE_WRITE, _IN_OPEN, _IN_OVERFLOW = 0x8, 0x20, 0x4000
_IN_FLAGS = os.O_NONBLOCK | os.O_CLOEXEC
_EVENT = struct.Struct("iIII")
_EVENTS_BYTES = 65536

_LIBC = ctypes.CDLL(None, use_errno=True)
_OFFSET = ctypes.c_longlong


class LogWatch:
    """Watches the open logs of a script; `cut_bytes` is, for each, what it removed at least.

    `may_be_cut` is set for a log that was truncated without it being known whether it was empty.
    """

    def __init__(self, logs: Sequence[int]) -> None:
        self.logs = list(logs)
        self.cut_bytes = [0] * len(self.logs)
        self.may_be_cut = [False] * len(self.logs)
        self._sizes = [os.fstat(log).st_size for log in self.logs]
        # The positions up to which losses were counted, and how much of them before their event.
        self._counted = [0] * len(self.logs)
        self._early = [0] * len(self.logs)
        self._marked = [_mark(log) for log in self.logs]
        self._watches: List[int] = []
        self._inotify = self._subscribed()

    def look(self) -> None:
        """Compare the logs with what is known of them; call it when SIGIO came, and regularly."""
        opens, closes = self._events()
        for place in range(len(self.logs)):
            self._look_at(place, opens[place], closes[place])

    def end(self, *, is_written: bool = False) -> None:
        """Look a last time, and free what was reserved unless the logs are still written to."""
        self.look()
        for log, is_marked in zip(self.logs, self._marked):
            if is_marked and not is_written:  # some file systems punch no hole beyond the end
                os.ftruncate(log, os.fstat(log).st_size)
        if self._inotify is not None:
            os.close(self._inotify)
            self._inotify = None

    def _look_at(self, place: int, opens: int, closes: int) -> None:
        log, known = self.logs[place], self._sizes[place]
        position, size = os.lseek(log, 0, os.SEEK_CUR), os.fstat(log).st_size
        is_truncated = self._marked[place] and not has_mark(log)
        self._sizes[place] = size
        if position < self._counted[place]:  # written since, to a shorter file
            self._counted[place] = self._early[place] = 0
        counted = self._counted[place]
        if is_truncated:
            self._marked[place] = _mark(log)
        elif size >= known and (position <= size or position == counted):
            return
        if not opens and self._inotify is not None:  # by a descriptor: to a size, not to nothing
            self.cut_bytes[place] += max(0, known - size)
            self._counted[place] = self._early[place] = known
            return
        # A position at the end may be of a write after the truncation.
        is_news = position not in (size, counted)
        lost = max(known, position - self._early[place] if is_news else 0)
        self.cut_bytes[place] += lost
        self._counted[place], self._early[place] = position, 0
        if not lost and (position not in (0, counted) or closes > 1):
            self.may_be_cut[place] = True

    def _subscribed(self) -> Optional[int]:
        """Return an inotify descriptor that sends this process SIGIO, None if there is none."""
        descriptor = _LIBC.inotify_init1(_IN_FLAGS)
        if descriptor < 0:
            return None
        for log in self.logs:
            path = b"/proc/self/fd/%d" % log
            self._watches.append(
                _LIBC.inotify_add_watch(descriptor, path, _IN_OPEN | _IN_CLOSE_WRITE)
            )
        if min(self._watches) < 0:
            os.close(descriptor)
            return None
        fcntl.fcntl(descriptor, fcntl.F_SETOWN, os.getpid())
        flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
        fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | os.O_ASYNC)
        return int(descriptor)

    def _events(self) -> tuple[list[int], list[int]]:
        """Return how often each log was opened by path, and closed by one that could write."""
        opens, closes = [0] * len(self.logs), [0] * len(self.logs)
        while self._inotify is not None:
            try:
                data = os.read(self._inotify, _EVENTS_BYTES)
            except OSError:  # no more
                break
            at = 0
            while at + _EVENT.size <= len(data):
                watch, mask, _cookie, length = _EVENT.unpack_from(data, at)
                at += _EVENT.size + length
                for place, ours in enumerate(self._watches):
                    if watch == ours or mask & _IN_OVERFLOW:
                        opens[place] += 1 if mask & (_IN_OPEN | _IN_OVERFLOW) else 0
                        closes[place] += 1 if mask & _IN_CLOSE_WRITE else 0
        return opens, closes


def has_mark(log: int) -> bool:
    """Return whether the block beyond the end of a file is still there."""
    extents = _extents(log)
    return _blocks(log) > 0 if extents is None else extents > 0


def _mark(log: int) -> bool:
    """Reserve the block; return whether its absence can be noticed on this file system."""
    status = _LIBC.fallocate(log, _KEEP_SIZE, _OFFSET(MARK_OFFSET), _OFFSET(MARK_BYTES))
    return bool(status == 0) and has_mark(log)


def _extents(log: int) -> Optional[int]:
    """Return how many extents are beyond the end of a file, None if that cannot be asked."""
    question = struct.pack("QQIIII", MARK_OFFSET, MARK_BYTES, 0, 0, 0, 0)
    try:
        answer = fcntl.ioctl(log, _FIEMAP, question)
    except OSError:
        return None
    return int(struct.unpack("QQIIII", answer)[3])


def _blocks(log: int) -> int:
    """Return the space that a file has beyond its size, in bytes: for tmpfs, which has no map."""
    facts = os.fstat(log)
    block = facts.st_blksize or MARK_BYTES
    return facts.st_blocks * 512 - -(-facts.st_size // block) * block
