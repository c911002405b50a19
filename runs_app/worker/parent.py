"""The worker of a machine: a parent that keeps two processes alive.

The cluster (django-q2) handles messages; the ticker needs none and alone would be sufficient. Both
die with the parent. Scripts do not: their supervisors are detached, and the next worker finds them
by their folders.
"""

from __future__ import annotations

import logging
import os
from enum import StrEnum
from pathlib import Path

from django.conf import settings

from registry_app.files import umask
from runs_app.exceptions import WorkerError
from runs_app.queue import hosts
from runs_app.system import commands, locks
from runs_app.system.keeper import Keeper, stop
from runs_app.system.parent_death import die_with_parent
from runs_app.system.wakeup import wakeup
from runs_app.texts.requests import WORKER_RUNS
from runs_app.tracking import store

logger = logging.getLogger(__name__)

LOCK = hosts.WORKER_LOCK
STOP_LIMIT_S = 15
# For about a second: commands that ask whether a worker runs hold the lock for a moment.
LOCK_TRIES = 20
# A tick takes seconds. Where it walks a huge directory on a slow disk it takes minutes, and works.
SILENT_S = 180


class Part(StrEnum):
    """The two processes of a worker."""

    CLUSTER = "cluster"
    TICKER = "ticker"


def work() -> int:
    """Run the worker of this portal until a signal arrives; return the exit status.

    Raises WorkerError if a worker is running already.
    """
    umask.keep_private()
    home = Path(settings.GUARDIANFLOW_HOME)
    with locks.hold(hosts.worker_lock(), tries=LOCK_TRIES) as ours:
        if not ours:
            raise WorkerError(WORKER_RUNS(home=home))
        logger.info(
            "worker started host=%s home=%s pid=%s", settings.GUARDIANFLOW_HOST, home, os.getpid()
        )
        store.remember_uri()
        keepers = [_keeper(part) for part in Part]
        with wakeup() as signals:
            while not signals.stop:
                signals.wait(min(keeper.keep() for keeper in keepers))
        # All their work is repeatable, so a process that does not stop may be killed.
        stop(keepers, limit_s=STOP_LIMIT_S)
        logger.info("worker stopped host=%s", settings.GUARDIANFLOW_HOST)
    return 0


def run_part(part: Part, *, parent_pid: int) -> int:
    """Run one of the two processes until a signal arrives; return the exit status."""
    die_with_parent(parent_pid)
    if part is Part.CLUSTER:
        from runs_app.worker.cluster import run_cluster

        return run_cluster()
    from runs_app.worker.ticker import run_ticker

    return run_ticker()


def _keeper(part: Part) -> Keeper:
    return Keeper(
        part,
        lambda: commands.start("worker", "--part", part, "--parent", str(os.getpid())),
        beats=hosts.last_tick if part is Part.TICKER else None,
        silent_s=SILENT_S,
    )
