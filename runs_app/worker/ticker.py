"""The tick of a worker: checks this machine's runs every few seconds, and when a run ends."""

from __future__ import annotations

import logging
import socket
import subprocess
import time
from datetime import datetime

from django.db import Error, connections
from django.utils import timezone

from registry_app.files import disk_full
from registry_app.messages import message_of
from runs_app.executors.chosen import executor
from runs_app.lifecycle import launch, reconcile
from runs_app.queue import hosts, sockets
from runs_app.queue.gpu_watch import GpuWatch
from runs_app.system import at_work, commands
from runs_app.system.at_work import Look
from runs_app.system.wakeup import wakeup

logger = logging.getLogger(__name__)

IDLE_TICK_S = 3.0
BUSY_TICK_S = 1.0
# Messages normally trigger the work; if it is older than this, its message was lost.
PATIENCE_S = 5.0
# While a killed process still has its locks, what is started in its place may end at once.
HELD_UP_EVERY_S = 30.0


class BackgroundJobs:
    """Background jobs: each kind of long work in its own process, so that none blocks the tick."""

    def __init__(self) -> None:
        self._processes: dict[reconcile.BackgroundJob, subprocess.Popen[bytes]] = {}
        self._looks: dict[reconcile.BackgroundJob, Look] = {}
        self._killed: dict[reconcile.BackgroundJob, subprocess.Popen[bytes]] = {}
        self._started_at_s: dict[reconcile.BackgroundJob, float] = {}

    def start(self, job: reconcile.BackgroundJob) -> None:
        """Start a process for the job unless one works; one that hangs is replaced.

        What hangs in the kernel outlives that for a while; until it is gone, the job is started
        every `HELD_UP_EVERY_S` at most.
        """
        process = self._processes.get(job)
        if process is not None and process.poll() is None:
            if not self._was_ended(job, process):
                return
            self._killed[job] = process
        elif self._is_held_up(job):
            return
        self._processes[job] = commands.start(str(job))
        self._looks[job] = Look()
        self._started_at_s[job] = time.monotonic()

    def _was_ended(self, job: reconcile.BackgroundJob, process: subprocess.Popen[bytes]) -> bool:
        """Kill the process of a job if it hangs; return whether it did."""
        look = self._looks[job] = self._looks[job].again(process.pid)
        if look.hangs:
            logger.warning("killed, as it hangs job=%s pid=%s", job, process.pid)
            at_work.kill(process.pid)
        return look.hangs

    def _is_held_up(self, job: reconcile.BackgroundJob) -> bool:
        """Return whether the job was just started beside a killed process that is still there."""
        killed = self._killed.get(job)
        if killed is None or killed.poll() is not None:
            return False
        return time.monotonic() - self._started_at_s[job] < HELD_UP_EVERY_S

    def stop(self) -> None:
        """End them all; the next worker repeats unfinished work."""
        for process in self._processes.values():
            process.kill()
            process.wait()


def run_ticker() -> int:
    """Tick until a signal arrives; return the exit status."""
    started_at = timezone.now()
    background_jobs, gpus = BackgroundJobs(), GpuWatch()
    with wakeup() as signals:
        listener = _listen()
        try:
            while not signals.stop:
                hosts.note_tick()
                signals.wait(_tick(started_at, background_jobs, gpus), listener=listener)
        finally:
            background_jobs.stop()
            _close(listener)
    return 0


def _listen() -> socket.socket | None:
    try:
        return sockets.listen(sockets.Listener.TICKER)
    except OSError as error:
        logger.warning("no socket, so ends are only noticed by ticks error=%s", error)
        return None


def _tick(started_at: datetime, background_jobs: BackgroundJobs, gpus: GpuWatch) -> float:
    """Tick once; return the seconds until the next tick. Retry if the database is unavailable."""
    host = executor().place
    try:
        due = reconcile.look(host, worker_started_at=started_at, patience_s=PATIENCE_S)
        if due.start:
            launch.start_next(host)
        for job in reconcile.background_jobs(due):
            background_jobs.start(job)
        if due.observe:
            gpus.look(host)
    except Error as error:
        reason = disk_full.explained(error, message_of(error))
        logger.warning("the database did not respond host=%s error=%s", host, reason)
        connections.close_all()
        return IDLE_TICK_S
    return BUSY_TICK_S if due.observe else IDLE_TICK_S


def _close(listener: socket.socket | None) -> None:
    path = sockets.path_of(sockets.Listener.TICKER)
    if listener is not None and path is not None:
        listener.close()
        path.unlink(missing_ok=True)
