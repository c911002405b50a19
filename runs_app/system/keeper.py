"""Keeps processes alive: starts them, restarts them when they end, and stops them all."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

logger = logging.getLogger(__name__)

FIRST_WAIT_S = 1.0
MAX_WAIT_S = 30.0
# A process that ran this long was healthy; its next failure counts as the first again.
STEADY_S = 60.0
POLL_S = 0.1
# A process that uses the CPU is at work, and may give no sign of life for this many times as long.
PATIENCE_WITH_WORK = 10


class Keeper:
    """Keeps one process alive; the delay before a restart grows with each quick failure.

    `start` starts it in its own session. `where` tells users where its output goes. If it must give
    a sign of life, `beats` returns something that changes with each, and a process that gives none
    for `silent_s` is replaced: it is stopped, or hangs. One that works meanwhile, such as one that
    walks a huge directory on a slow disk, is given longer.
    """

    def __init__(
        self,
        name: str,
        start: Callable[[], subprocess.Popen[bytes]],
        *,
        where: str = "this log",
        beats: Callable[[], object] | None = None,
        silent_s: float = 0,
    ) -> None:
        self.name = name
        self.process: subprocess.Popen[bytes] | None = None
        self._start, self._where = start, where
        self._beats, self._silent_s = beats, silent_s
        self._beat: object = None
        self._cpu_ticks = 0
        self._heard_at = self._worked_at = self._checked_at = 0.0
        self._started_at = self._start_at = 0.0
        self._failures = 0

    def keep(self) -> float:
        """Start the process if it is due; return the seconds until the next check."""
        now = time.monotonic()
        if self.process is not None and self._is_silent(self.process.pid, now):
            self.kill(why="it gave no sign of life")
        if self.process is not None and not self.is_alive:
            self._note_end(self.process.wait(), now)
        if self.process is None and now >= self._start_at:
            self.process, self._started_at = self._start(), now
            self._heard_at = self._worked_at = now
            logger.info("started service=%s pid=%s", self.name, self.process.pid)
        if self.process is None:
            return max(0.0, self._start_at - now)
        return MAX_WAIT_S if self._beats is None else min(MAX_WAIT_S, self._silent_s / 2)

    @property
    def is_alive(self) -> bool:
        """Whether it runs; if it died, kill leftovers in its session so they do not hold its port.

        Leftovers are killed before the dead process is reaped: until then its pid is not reused.
        """
        if self.process is None or self.process.returncode is not None:
            return False
        seen = os.WEXITED | os.WNOHANG | os.WNOWAIT
        if os.waitid(os.P_PID, self.process.pid, seen) is None:
            return True
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        return False

    def ask_to_stop(self) -> None:
        if self.process is not None and self.is_alive:
            self.process.terminate()

    def kill(self, *, why: str = "it does not stop") -> None:
        """Kill it and its session; scripts have their own sessions and continue."""
        if self.process is not None and self.is_alive:
            logger.warning("killed, as %s service=%s", why, self.name)
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def _is_silent(self, pid: int, now: float) -> bool:
        """Return whether the process has given no sign of life for too long.

        Time in which this process was stopped as well does not count.
        """
        if self._beats is None:
            return False
        beat, was_stopped = self._beats(), now - self._checked_at > 2 * MAX_WAIT_S
        if beat != self._beat or was_stopped:
            self._beat, self._heard_at, self._worked_at = beat, now, now
        if (used := _cpu_ticks(pid)) != self._cpu_ticks:
            self._cpu_ticks, self._worked_at = used, now
        self._checked_at = now
        return (
            now - self._worked_at > self._silent_s
            or now - self._heard_at > PATIENCE_WITH_WORK * self._silent_s
        )

    def _note_end(self, status: int, now: float) -> None:
        self.process = None
        self._failures = 1 if now - self._started_at > STEADY_S else self._failures + 1
        wait_s = min(FIRST_WAIT_S * 2 ** min(self._failures - 1, 10), MAX_WAIT_S)
        self._start_at = now + wait_s
        logger.warning(
            "ended service=%s status=%s starts again in %.0f s, see %s",
            *(self.name, status, wait_s, self._where),
        )


def stop(keepers: Sequence[Keeper], *, limit_s: float) -> None:
    """Ask all to stop, and kill what has not stopped after `limit_s`."""
    for keeper in keepers:
        keeper.ask_to_stop()
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline and any(keeper.is_alive for keeper in keepers):
        time.sleep(POLL_S)
    for keeper in keepers:
        keeper.kill()


def _cpu_ticks(pid: int) -> int:
    """Return how long a process has used the CPU, in clock ticks; 0 if it is gone."""
    try:
        facts = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return 0
    words = facts.rpartition(b")")[2].split()
    return int(words[11]) + int(words[12])
