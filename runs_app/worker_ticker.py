"""The tick of a worker: looks at the runs of this machine every few seconds, and when one ends."""

from __future__ import annotations

import logging
import socket
import subprocess
from datetime import datetime

from django.conf import settings
from django.db import Error, connections
from django.utils import timezone

from runs_app import hosts, own_process, reconcile
from runs_app.wakeup import wakeup

logger = logging.getLogger(__name__)

IDLE_TICK_S = 3.0
BUSY_TICK_S = 1.0
# Messages normally do the work; what is older than this has lost its message.
PATIENCE_S = 5.0


class _Sender:
    """Sends to MLflow in a process of its own, one at a time: a store that hangs stops no tick."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self._process is None or self._process.poll() is not None:
            self._process = own_process.start("send_run")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def run_ticker() -> int:
    """Tick until a signal comes; return the exit status."""
    started_at = timezone.now()
    sender = _Sender()
    with wakeup() as signals:
        listener = _listen()
        try:
            while not signals.stop:
                signals.wait(_tick(started_at, sender), listener=listener)
        finally:
            sender.stop()
            _close(listener)
    return 0


def _listen() -> socket.socket | None:
    try:
        return hosts.listen()
    except OSError as error:
        logger.warning("no socket, so ends are seen by ticks alone error=%s", error)
        return None


def _tick(started_at: datetime, sender: _Sender) -> float:
    """Tick once; return the seconds until the next. A database that is away is waited for."""
    host = settings.GUARDIANFLOW_HOST
    try:
        active = reconcile.look(host, worker_started_at=started_at)
        reconcile.catch_up(host, patience_s=PATIENCE_S, send_due=sender.start)
    except Error as error:
        logger.warning("the database did not answer host=%s error=%s", host, error)
        connections.close_all()
        return IDLE_TICK_S
    return BUSY_TICK_S if active else IDLE_TICK_S


def _close(listener: socket.socket | None) -> None:
    path = hosts.notify_socket()
    if listener is not None and path is not None:
        listener.close()
        path.unlink(missing_ok=True)
