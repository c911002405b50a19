"""Sends ended runs to MLflow from a command, in a process of its own, where no worker does.

What else a worker would have to do for runs that have ended, such a process does first.

Every command that lists runs loads this module, so it imports little.
"""

from __future__ import annotations

import logging
import os
import subprocess

from django.db import DatabaseError
from django.db.models import Q, QuerySet
from django.utils import timezone

from runs_app.choices import TERMINAL, MlflowState, RunStatus
from runs_app.executors.chosen import executor
from runs_app.lifecycle import without_worker
from runs_app.lifecycle.sole import SoleProcess
from runs_app.models import Run
from runs_app.models.moments import COLLECT_MAX_WAIT, not_after
from runs_app.queue import broker, hosts
from runs_app.runner.own_file import is_held
from runs_app.runner.process_end import wait_for_child
from runs_app.system import commands, locks

logger = logging.getLogger(__name__)

SEND_LIMIT_S = 30
# The sender that the first ones start sends the others as well.
MAX_LOOKED_AT = 20
# A run that cannot be closed is left to be closed by every command that lists runs.
FINISH_EVERY_S = 10
FINISHER = SoleProcess(command="finish_runs", every_s=FINISH_EVERY_S)
SENDER = SoleProcess(command="send_run")


def send_within(run: Run, *, limit_s: float = SEND_LIMIT_S) -> bool:
    """Try for `limit_s` seconds to send the run to MLflow; return whether all of it was sent.

    Uses a separate process, so that a store that hangs cannot hang this one.
    """
    if run.started_at is None:
        return False
    child = commands.start("send_run", str(run.pk), quiet=True)
    try:
        wait_for_child(child, limit_s)
    except subprocess.TimeoutExpired:
        pass
    finally:
        child.kill()
        child.wait()
    run.refresh_from_db()
    return run.mlflow_state == MlflowState.SENT


def send_later(run: Run) -> bool:
    """Let a process that outlives this one send an ended run to MLflow; return whether one will.

    A worker of this machine does so; without one a sender is started, detached, unless one works:
    that looks for more before it ends. If it dies, the next command starts another. Returns False
    if none can be started, or if this process is the first of its container and all others end with
    it: the caller must wait instead.
    """
    if run.started_at is None:
        return True
    if os.getpid() == 1:
        return False
    if without_worker.has_worker():
        broker.wake_ticker()
        return True
    try:
        return SENDER.start()
    except OSError as error:
        logger.warning("no sender was started run=%s error=%s", run.pk, error)
        return False


def finish_what_is_left() -> None:
    """Do as `send_what_is_left`, and close and collect first what nobody else does.

    Such as a run whose terminal was killed, and results that a full disk kept from being collected.
    One process at a time does so, and one at most is started every `FINISH_EVERY_S` seconds. One
    that hangs is replaced.
    """
    try:
        if without_worker.has_worker() or os.getpid() == 1:
            return
        is_left = _is_unfinished() or FINISHER.is_at_work()
        if is_left:
            FINISHER.start()
    except (OSError, DatabaseError) as error:
        logger.warning("no process was started to close runs error=%s", error)
        return
    if not is_left:  # else that process sends at its end
        send_what_is_left()


def _is_unfinished() -> bool:
    """Return whether a run of this machine waits for being closed, or collected again."""
    is_due = not_after("collect_next_at", timezone.now(), most_s=COLLECT_MAX_WAIT.total_seconds())
    left = Q(status=RunStatus.FINALIZING) | Q(is_due, collect_next_at__isnull=False)
    runs = Run.objects.filter(left, host=executor().place).order_by("pk")[:MAX_LOOKED_AT]
    return not all(_is_being_finished(run) for run in runs)


def _is_being_finished(run: Run) -> bool:
    if run.foreground and is_held(hosts.foreground_lock(run)):
        return True
    return is_held(run.folder / locks.FINISH_LOCK)


def send_what_is_left() -> None:
    """Start a sender, detached, if ended runs wait for MLflow and no worker is there to send them.

    A sender that is at work is left alone, unless it hangs. What a sender had in its hands when it
    died does not wait for its next try. Raises nothing: a home that cannot be
    written is no reason not to list runs.
    """
    try:
        if without_worker.has_worker() or os.getpid() == 1:
            return
        left = [run for run in _unsent() if not _is_being_sent(run)]
        for run in left:
            if run.mlflow_state == MlflowState.SENDING:
                _make_due(run)
        if left or SENDER.is_at_work():
            SENDER.start()
    except (OSError, DatabaseError) as error:
        logger.warning("no sender was started error=%s", error)


def _unsent() -> QuerySet[Run]:
    """Return the first ended runs of this machine that are due, or that a sender has or had."""
    begun = Run.objects.filter(mlflow_state=MlflowState.SENDING, status__in=TERMINAL)
    runs = Run.objects.due_for_mlflow() | begun
    return runs.filter(host=executor().place).order_by("pk")[:MAX_LOOKED_AT]


def _make_due(run: Run) -> None:
    begun = {"mlflow_state": MlflowState.SENDING, "mlflow_attempts": run.mlflow_attempts}
    Run.objects.filter(pk=run.pk, **begun).update(
        mlflow_state=MlflowState.PENDING, mlflow_next_at=None
    )


def _is_being_sent(run: Run) -> bool:
    return run.mlflow_state == MlflowState.SENDING and is_held(run.folder / locks.SEND_LOCK)
