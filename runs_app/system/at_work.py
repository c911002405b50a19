"""Whether another process works or hangs, by what the kernel shows of it."""

from __future__ import annotations

import os
import re
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# A process that did nothing at all for so long hangs, however slow its disk or its server is.
HANGS_AFTER_S = 600
_SWITCHES = re.compile(rb"ctxt_switches:\t(\d+)")


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a process had done when it was looked at: `sign`, which it has shown since `since_s`.

    Times are of the steady clock, which stands still while the machine sleeps.
    """

    sign: str = ""
    since_s: float = 0
    at_s: float = 0

    def again(self, pid: int) -> Look:
        """Look at the process once more."""
        sign, now_s = sign_of_work(pid), time.monotonic()
        # After a restart of the machine, its clock begins again.
        is_same = sign == self.sign and now_s >= self.at_s
        return Look(sign=sign, since_s=self.since_s if is_same else now_s, at_s=now_s)

    @property
    def hangs(self) -> bool:
        """Whether the process has done nothing for `HANGS_AFTER_S`."""
        return self.at_s > self.since_s and self.at_s - self.since_s >= HANGS_AFTER_S


def start_ticks(pid: int) -> int:
    """Return when a process started, in clock ticks since boot; 0 if it is gone."""
    words = _stat(pid)
    return int(words[19]) if words else 0


def sign_of_work(pid: int) -> str:
    """Return a text that changes whenever a process, or one that it started, does anything.

    It is made of how long each has used the CPU, and how often it went on after a wait: a process
    that copies on a slow disk does so for every block, one that waits forever does not.
    """
    return " ".join(f"{member}:{_done(member)}" for member in _tree(pid))


def kill(pid: int) -> None:
    """Kill a process and those that it started. What hangs in the kernel dies when that answers.

    One that has become another user's, as `sudo` does, is left alone.
    """
    for member in _tree(pid):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(member, signal.SIGKILL)


def _tree(pid: int) -> list[int]:
    """Return a process and its descendants, those that can be seen."""
    found = [pid]
    for member in found:
        for children in Path(f"/proc/{member}/task").glob("*/children"):
            with suppress(OSError):
                found += map(int, children.read_bytes().split())
    return found


def _done(pid: int) -> str:
    switches = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        with suppress(OSError):
            switches += sum(map(int, _SWITCHES.findall(status.read_bytes())))
    used_ticks = sum(int(word) for word in _stat(pid)[11:15])
    return f"{switches}+{used_ticks}"


def _stat(pid: int) -> list[bytes]:
    """Return what the kernel shows of a process after its name; nothing if it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return []
