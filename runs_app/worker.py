"""The worker of a machine: a parent that keeps two processes alive.

The cluster (django-q2) answers messages; the ticker needs none and alone would be enough. Both die
with the parent. Scripts do not: their supervisors are detached, and whoever comes next finds
them by their folders.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import time
from enum import StrEnum
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from runs_app import locks, own_process
from runs_app.exceptions import WorkerError
from runs_app.parent_death import die_with_parent
from runs_app.wakeup import wakeup

logger = logging.getLogger(__name__)

LOCK = "worker.lock"
STOP_LIMIT_S = 15
FIRST_WAIT_S = 1
LONGEST_WAIT_S = 30
# A part that lived this long was well; its next failure is the first one again.
STEADY_S = 60
POLL_S = 0.2


class Part(StrEnum):
    """The two processes of a worker."""

    CLUSTER = "cluster"
    TICKER = "ticker"


class _Keeper:
    """Keeps one part alive: starts it again when it ends, later after each quick failure."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._start_at = 0.0
        self._failures = 0

    def keep(self) -> float:
        """Start the part if it is due; return after how many seconds to look again."""
        now = time.monotonic()
        if self._process is not None and self._process.poll() is not None:
            self._note_end(self._process.returncode, now)
        if self._process is None and now >= self._start_at:
            self._process = own_process.start(
                "worker", "--part", self.part, "--parent", str(os.getpid())
            )
            self._started_at = now
            logger.info("started part=%s pid=%s", self.part, self._process.pid)
        return LONGEST_WAIT_S if self._process is not None else self._start_at - now

    def ask_to_stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def has_stopped(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def kill(self) -> None:
        """End the part and what it forked; programs in sessions of their own stay."""
        if self._process is not None and self._process.poll() is None:
            logger.warning("does not stop, so it is killed part=%s", self.part)
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _note_end(self, status: int, now: float) -> None:
        self._process = None
        self._failures = 1 if now - self._started_at > STEADY_S else self._failures + 1
        wait_s = min(FIRST_WAIT_S * 2 ** min(self._failures - 1, 10), LONGEST_WAIT_S)
        self._start_at = now + wait_s
        logger.warning("ended part=%s status=%s starts again in %s s", self.part, status, wait_s)


def work() -> int:
    """Be the worker of this home until a signal comes; return the exit status.

    Raises WorkerError if there is one already.
    """
    home = Path(settings.GUARDIANFLOW_HOME)
    with locks.hold(home / LOCK) as ours:
        if not ours:
            raise WorkerError(
                _("A worker is running for {home} already; stop that one first.").format(home=home)
            )
        logger.info(
            "worker started host=%s home=%s pid=%s", settings.GUARDIANFLOW_HOST, home, os.getpid()
        )
        keepers = [_Keeper(part) for part in Part]
        with wakeup() as signals:
            while not signals.stop:
                signals.wait(max(0.0, min(keeper.keep() for keeper in keepers)))
        _stop(keepers)
        logger.info("worker stopped host=%s", settings.GUARDIANFLOW_HOST)
    return 0


def run_part(part: Part, *, parent_pid: int) -> int:
    """Be one of the two processes until a signal comes; return the exit status."""
    die_with_parent(parent_pid)
    if part is Part.CLUSTER:
        from runs_app.worker_cluster import run_cluster

        return run_cluster()
    from runs_app.worker_ticker import run_ticker

    return run_ticker()


def _stop(keepers: list[_Keeper]) -> None:
    """Ask both, and kill what has not stopped in time: all their work may be repeated."""
    for keeper in keepers:
        keeper.ask_to_stop()
    deadline = time.monotonic() + STOP_LIMIT_S
    while time.monotonic() < deadline and not all(keeper.has_stopped() for keeper in keepers):
        time.sleep(POLL_S)
    for keeper in keepers:
        keeper.kill()
