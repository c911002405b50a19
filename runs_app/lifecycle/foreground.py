"""Runs a script from a terminal: started here, streamed here, closed here, with no worker."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from runs_app.choices import TERMINAL, MlflowState, RunStatus
from runs_app.executors import local
from runs_app.lifecycle import finish, launch, reconcile, submit
from runs_app.lifecycle.cancel import cancel
from runs_app.models import Run
from runs_app.queue import hosts
from runs_app.records import capture
from runs_app.records.log_reader import LogReader
from runs_app.system import commands, locks

POLL_S = 0.1
WAITING_POLL_S = 0.5
SEND_LIMIT_S = 30

Sink = Callable[[bytes], None]


@dataclass(frozen=True, kw_only=True)
class Terminal:
    """What the caller wants to hear, and whether it wants the run to stop.

    `on_wait` is called whenever the run waits for something new, the others once.
    """

    on_queued: Callable[[Run], None] = lambda run: None
    on_wait: Callable[[Run], None] = lambda run: None
    on_cancel: Callable[[Run], None] = lambda run: None
    stdout: Sink = lambda chunk: None
    stderr: Sink = lambda chunk: None
    wants_stop: Callable[[], bool] = lambda: False
    cancelled_by: str = ""


def run_here(request: submit.RunRequest, *, terminal: Terminal) -> Run:
    """Run a request to its end in this process and return the finished run.

    The supervisor is detached: if this process dies, the script goes on and a worker closes the
    run. Raises RunnerError if the run is refused before anything starts.
    """
    run = submit.submit_foreground(request, user=None, host=settings.GUARDIANFLOW_HOST)
    lock = hosts.foreground_lock(run)
    with locks.hold(lock, wait=True):
        try:
            terminal.on_queued(run)
            _start(run, terminal)
            _follow(run, terminal)
        finally:
            lock.unlink(missing_ok=True)
    run.refresh_from_db()
    return run


def send_within(run: Run, *, limit_s: float = SEND_LIMIT_S) -> bool:
    """Try for `limit_s` to tell MLflow about the run; return whether it knows all of it.

    In a process of its own, so that a store that hangs cannot hang this one.
    """
    if run.started_at is None:
        return False
    child = commands.start("send_run", str(run.pk), quiet=True)
    try:
        child.wait(limit_s)
    except subprocess.TimeoutExpired:
        pass
    finally:
        child.kill()
        child.wait()
    run.refresh_from_db()
    return run.mlflow_state == MlflowState.SENT


def _start(run: Run, terminal: Terminal) -> None:
    """Wait until the run may start, and start it; returns too when it ended without a start."""
    said = None
    while not launch.start(run.pk, host=settings.GUARDIANFLOW_HOST, foreground=True):
        run.refresh_from_db()
        if run.status != RunStatus.QUEUED:
            return
        if terminal.wants_stop():
            _cancel(run, terminal)
            return
        # Without a worker nobody else would notice that the blocking run has ended.
        reconcile.settle(run.experiment)
        if said != run.status_reason:
            said = run.status_reason
            terminal.on_wait(run)
        time.sleep(WAITING_POLL_S)
    capture.capture(run)


def _follow(run: Run, terminal: Terminal) -> None:
    folder = local.folder_of(run)
    out, err = LogReader(folder.stdout), LogReader(folder.stderr)
    while True:
        if run.status not in TERMINAL:
            reconcile.observe(run.pk)
            finish.finish(run.pk)
            run.refresh_from_db()
        # Read after looking at the state, so that the last bytes are never missed.
        has_more = out.pump(terminal.stdout) | err.pump(terminal.stderr)
        if run.status in TERMINAL and not has_more:
            return
        if run.status == RunStatus.QUEUED:  # the first launch came to nothing
            _start(run, terminal)
        if terminal.wants_stop() and run.can_cancel:
            _cancel(run, terminal)
        if not has_more:
            time.sleep(POLL_S)


def _cancel(run: Run, terminal: Terminal) -> None:
    if cancel(run, user=None, by=terminal.cancelled_by):
        terminal.on_cancel(run)
    run.refresh_from_db()
