"""Runs a script from a terminal: started here, streamed here, closed here, with no worker."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from runs_app.choices import TERMINAL, RunStatus
from runs_app.executors.base import folder_of
from runs_app.executors.chosen import executor
from runs_app.lifecycle import launch, submit
from runs_app.lifecycle.cancel import cancel
from runs_app.lifecycle.prepare import RunRequest
from runs_app.models import Run
from runs_app.queue import hosts
from runs_app.records import capture
from runs_app.records.logs.reader import LogReader
from runs_app.records.logs.text import ReadableLines
from runs_app.system import locks

POLL_S = 0.1
# How often a running script is looked at; its end is noticed at once.
LOOK_S = 1.0
WAITING_POLL_S = 0.5

Sink = Callable[[bytes], None]


@dataclass(frozen=True, kw_only=True)
class Terminal:
    """Callbacks of the caller, and whether it wants the run to stop.

    `on_wait` is called whenever the run waits for something new, the others once.
    """

    on_queued: Callable[[Run], None] = lambda run: None
    on_wait: Callable[[Run], None] = lambda run: None
    on_cancel: Callable[[Run], None] = lambda run: None
    stdout: Sink = lambda chunk: None
    stderr: Sink = lambda chunk: None
    wants_stop: Callable[[], bool] = lambda: False
    cancelled_by: Callable[[], str] = lambda: ""


def run_here(request: RunRequest, *, terminal: Terminal) -> Run:
    """Run a request to its end in this process and return the finished run.

    The supervisor is detached: if this process dies, the script goes on and a worker closes the
    run. Raises RunnerError if the run is refused before anything starts.
    """
    run = submit.submit_foreground(request, user=None, host=executor().place)
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


def _start(run: Run, terminal: Terminal) -> None:
    """Wait until the run may start, and start it; return also if it ended without a start."""
    shown = None
    while not launch.start(run.pk, host=executor().place, foreground=True):
        run.refresh_from_db()
        if run.status != RunStatus.QUEUED:
            return
        if terminal.wants_stop():
            _cancel(run, terminal)
            return
        # Without a worker no other process would notice that the blocking run has ended.
        from runs_app.lifecycle import observing

        observing.settle(run.experiment)
        if shown != run.status_reason:
            shown = run.status_reason
            terminal.on_wait(run)
        time.sleep(WAITING_POLL_S)
    capture.capture(run)


def _follow(run: Run, terminal: Terminal) -> None:
    # What ends runs takes long to load, which here costs no time: the script runs meanwhile.
    from runs_app.lifecycle import finish, observing

    folder = folder_of(run)
    out, err = LogReader(folder.stdout), LogReader(folder.stderr)
    shown_out, shown_err = ReadableLines(terminal.stdout), ReadableLines(terminal.stderr)
    look_at = 0.0
    while True:
        if run.status not in TERMINAL and time.monotonic() >= look_at:
            observing.observe(run.pk)
            finish.finish(run.pk)
            run.refresh_from_db()
            look_at = time.monotonic() + (LOOK_S if run.status == RunStatus.RUNNING else 0.0)
        # Read after looking at the state, so that the last bytes are never missed.
        has_ended = run.status in TERMINAL
        has_more = out.pump(shown_out.write) | err.pump(shown_err.write)
        if not has_more:
            shown_out.flush(is_end=has_ended)
            shown_err.flush(is_end=has_ended)
        if has_ended and not has_more:
            return
        if run.status == RunStatus.QUEUED:  # the first launch failed
            _start(run, terminal)
        if terminal.wants_stop() and run.can_cancel:
            _cancel(run, terminal)
        if has_ended or has_more:
            continue
        if executor().wait(run, POLL_S):
            look_at = 0.0
        elif run.status == RunStatus.RUNNING:
            _load_readers()


def _load_readers() -> None:
    """Load what reads results, for a script that runs long enough to have some, while it runs."""
    from registry_app.results import choosing  # noqa: F401


def _cancel(run: Run, terminal: Terminal) -> None:
    if cancel(run, user=None, by=terminal.cancelled_by()):
        terminal.on_cancel(run)
    run.refresh_from_db()
