"""The tick of a worker: looks at the runs of this machine every few seconds, and when one ends."""

from __future__ import annotations

import logging
import socket
import subprocess
from datetime import datetime

from django.conf import settings
from django.db import Error, connections
from django.utils import timezone

from registry_app.files import disk_full
from runs_app.lifecycle import launch, reconcile
from runs_app.queue import hosts
from runs_app.queue.gpu_watch import GpuWatch
from runs_app.system import commands
from runs_app.system.wakeup import wakeup

logger = logging.getLogger(__name__)

IDLE_TICK_S = 3.0
BUSY_TICK_S = 1.0
# Messages normally do the work; what is older than this has lost its message.
PATIENCE_S = 5.0


class _Asides:
    """Does long work in processes of their own, one for each kind: what hangs stops no tick."""

    def __init__(self) -> None:
        self._processes: dict[reconcile.Aside, subprocess.Popen[bytes]] = {}

    def start(self, aside: reconcile.Aside) -> None:
        process = self._processes.get(aside)
        if process is None or process.poll() is not None:
            self._processes[aside] = commands.start(str(aside))

    def stop(self) -> None:
        """End them all; whatever they were at is done again by the next worker."""
        for process in self._processes.values():
            process.kill()
            process.wait()


def run_ticker() -> int:
    """Tick until a signal comes; return the exit status."""
    started_at = timezone.now()
    asides, gpus = _Asides(), GpuWatch()
    with wakeup() as signals:
        listener = _listen()
        try:
            while not signals.stop:
                signals.wait(_tick(started_at, asides, gpus), listener=listener)
        finally:
            asides.stop()
            _close(listener)
    return 0


def _listen() -> socket.socket | None:
    try:
        return hosts.listen()
    except OSError as error:
        logger.warning("no socket, so ends are seen by ticks alone error=%s", error)
        return None


def _tick(started_at: datetime, asides: _Asides, gpus: GpuWatch) -> float:
    """Tick once; return the seconds until the next. A database that is away is waited for."""
    host = settings.GUARDIANFLOW_HOST
    try:
        due = reconcile.look(host, worker_started_at=started_at, patience_s=PATIENCE_S)
        if due.start:
            launch.start_next(host)
        for aside in reconcile.asides(due):
            asides.start(aside)
        if due.observe:
            gpus.look(host)
    except Error as error:
        reason = disk_full.explained(error, str(error))
        logger.warning("the database did not answer host=%s error=%s", host, reason)
        connections.close_all()
        return IDLE_TICK_S
    return BUSY_TICK_S if due.observe else IDLE_TICK_S


def _close(listener: socket.socket | None) -> None:
    path = hosts.notify_socket()
    if listener is not None and path is not None:
        listener.close()
        path.unlink(missing_ok=True)
