"""Ends runs: shows the outcome at once, saves what the script made, then closes the run.

1. `begin`: STARTING or RUNNING -> FINALIZING, with exit status, outcome and the script's times.
2. `finish`: one finisher at a time, by a lock that vanishes with its holder. It compares the
   directory with its manifest from before, saves copies, hashes, metrics and rows; all repeatable.
3. FINALIZING -> the outcome, only by the finisher whose token is in the row; that frees the
   directory and the slot. Sending to MLflow and starting the next queued run are enqueued, not
   waited for.
4. What lists show of its results is computed, and a comparison that it belongs to goes on.

If saving the results failed, the run is closed all the same, and `collect_again` repeats it.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from registry_app.messages import Message, message_of
from runs_app.choices import MlflowState, RunStatus
from runs_app.comparing.summarise import summarise_if_possible
from runs_app.exceptions import RunnerError
from runs_app.executors import isolation, notices, script_user
from runs_app.executors.base import UNKNOWN, Job, folder_of
from runs_app.executors.chosen import is_ours, job_of
from runs_app.executors.outcome import Outcome, lost_by, outcome_of
from runs_app.lifecycle import collect, ending, recollect
from runs_app.models import ParityRun, Run, RunSet, RunStep
from runs_app.queue import broker, directories
from runs_app.records import hashing
from runs_app.records.logs import size as log_size
from runs_app.runner.folder import RunFolder
from runs_app.runner.folder_records import ExitRecord
from runs_app.system import locks
from runs_app.texts import reasons, remarks
from runs_app.texts.people import actor
from runs_app.tracking import record as tracking_record

logger = logging.getLogger(__name__)


def begin(run: Run, job: Job = UNKNOWN) -> bool:
    """Show how the script ended, before anything is collected; return whether we were first.

    `job` is the executor's information on a run without an exit record.

    A lost run whose exit record turned up is finished again, and sent to MLflow again.
    """
    outcome = outcome_of(run, folder_of(run).exit_record(), job)
    resent: dict[str, Any] = {}
    if run.status == RunStatus.LOST:
        resent = {"mlflow_state": MlflowState.PENDING, "mlflow_next_at": None}
    moved = Run.objects.move(
        run.pk,
        expect=RunStatus(run.status),
        to=RunStatus.FINALIZING,
        reason=reasons.COLLECTING(**lost_by(outcome)),
        outcome=outcome.status,
        exit_code=outcome.exit_code,
        started_at=outcome.started_at,
        finished_at=outcome.finished_at,
        **resent,
    )
    if moved:
        logger.info("ended run=%s outcome=%s exit=%s", run.pk, outcome.status, outcome.exit_code)
        if not run.foreground:
            broker.enqueue(broker.Task.FINISH, run.pk)
    return moved


def finish(run_pk: int) -> bool:
    """Collect what a run left and close it; return whether this call closed it.

    Does nothing if the run is not finalizing, is on another machine, or has a finisher.
    """
    run = Run.objects.select_related("experiment__zone__site__customer", "queued_by").get(pk=run_pk)
    if run.status != RunStatus.FINALIZING or not is_ours(run):
        return False
    folder = folder_of(run)
    folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if script_user.is_away(folder):  # files that only that user can read are not lost
        return False
    with locks.hold(folder.path / locks.FINISH_LOCK) as ours:
        if not ours:
            return False
        token = uuid.uuid4()
        if not Run.objects.filter(pk=run_pk, status=RunStatus.FINALIZING).update(lease_token=token):
            return False
        record = folder.exit_record()
        outcome = outcome_of(run, record, UNKNOWN if record else job_of(run))
        _note(run, folder, record)
        problem = collect.problem_of(run)
        next_at = recollect.after_failure(run, finished_at=outcome.finished_at) if problem else None
        ending.note_doubts(run, outcome, folder)
        ending.note_elsewhere(run, folder)
        experiment, unrecorded = _record(run, outcome, folder)
        closed = _close(
            run,
            outcome,
            problem=problem or unrecorded,
            mlflow_experiment=experiment,
            collect_next_at=next_at,
            cause=ending.cause_of(outcome, record, folder),
            where_lease_token=token,
        )
    if closed and not run.foreground:  # a user at a terminal must not wait longer
        hashing.hash_if_possible(run)
    if closed:
        summarise_if_possible(run.pk)
        for parity in ParityRun.objects.filter(run=run_pk).values_list("parity_id", flat=True):
            broker.enqueue(broker.Task.PARITY, parity)
    return closed


def collect_again(run_pk: int) -> bool:
    """Collect what failed to be collected at the end of a run; return whether it is complete now.

    The run is then sent to MLflow again, and what lists show of it is computed again.
    """
    run = Run.objects.get(pk=run_pk)
    try:
        with locks.hold(folder_of(run).path / locks.FINISH_LOCK) as ours:
            is_complete = ours and recollect.again(run_pk)
    except FileNotFoundError:  # the run folder is gone
        Run.objects.filter(pk=run_pk).update(collect_next_at=None)
        return False
    if is_complete:
        run.refresh_from_db()
        hashing.hash_if_possible(run)
        summarise_if_possible(run_pk)
        if run.started_at:
            broker.wake_ticker()
    return is_complete


def give_up(run: Run, reason: Message) -> None:
    """End a starting run that never became a process, as errored."""
    _end_unstarted(run, RunStatus.ERRORED, reason)


def cancel_unstarted(run: Run) -> None:
    """End a starting run that never became a process and was cancelled."""
    reason = reasons.CANCELLED_QUEUED(user=actor(run.cancel_requested_by))
    _end_unstarted(run, RunStatus.CANCELLED, reason)


def _end_unstarted(run: Run, status: RunStatus, reason: Message) -> None:
    outcome = Outcome(status=status, reason=reason)
    with transaction.atomic():
        if Run.objects.move(
            run.pk,
            expect=RunStatus.STARTING,
            to=RunStatus.FINALIZING,
            reason=reasons.COLLECTING(),
            outcome=status,
        ):
            _close(run, outcome, problem=None)


def _note(run: Run, folder: RunFolder, record: ExitRecord | None) -> None:
    """Note on a run what its outcome alone does not show."""
    log_size.watch(run, folder)
    directories.note_lock(run, folder)
    if folder.was_restored():
        notices.add(run.pk, remarks.FOLDER_RESTORED(), instead_of=remarks.FOLDER_DELETED)
    if record is not None and record.exit_code:
        isolation.note_refusal(run, folder)
    if record is None and folder.has_bad_exit_record():
        notices.add(run.pk, remarks.EXIT_RECORD_SPOILT())
    if record is not None and record.replaced:
        notices.add(run.pk, remarks.EXIT_RECORD_WRITTEN())
    if record is not None and (cut := record.stdout_cut_bytes + record.stderr_cut_bytes):
        notices.add(run.pk, remarks.LOG_CUT(bytes=cut))
    elif record is not None and record.log_may_be_cut:
        notices.add(run.pk, remarks.LOG_MAY_BE_CUT())
    if record is not None and record.stragglers:
        remark = remarks.STRAGGLERS_LEFT if record.background else remarks.STRAGGLERS_ENDED
        notices.add(run.pk, remark(count=record.stragglers))


def _record(run: Run, outcome: Outcome, folder: RunFolder) -> tuple[str, Message | None]:
    """Settle what is sent to MLflow; return the MLflow experiment and what went wrong."""
    try:
        return tracking_record.write(run, outcome, folder), None
    except (OSError, RunnerError) as error:
        logger.warning("not recorded for MLflow run=%s error=%s", run.pk, error)
        return "", message_of(error)


def _now_after(started_at: datetime | None) -> datetime:
    """Return now, or the start of the run if the clock was set back since then."""
    now = timezone.now()
    return max(now, started_at) if started_at else now


def _close(run: Run, outcome: Outcome, *, problem: Message | None, **changes: Any) -> bool:
    reason = outcome.reason
    if problem:
        reason = reasons.COLLECT_FAILED(error=problem, **lost_by(outcome))
    with transaction.atomic():
        closed = Run.objects.move(
            run.pk,
            expect=RunStatus.FINALIZING,
            to=outcome.status,
            reason=reason,
            outcome=outcome.status,
            exit_code=outcome.exit_code,
            started_at=outcome.started_at,
            finished_at=outcome.finished_at or _now_after(outcome.started_at),
            lease_token=None,
            **changes,
        )
        if closed:
            if outcome.started_at and not run.foreground:
                broker.wake_ticker()
            transaction.on_commit(lambda: _let_next_start(run.pk))
            if RunStep.objects.filter(run=run.pk).exists():
                RunSet.objects.reopen_for(run)
                broker.enqueue(broker.Task.MOVE_SETS, run.pk)
    if closed:
        logger.info("closed run=%s status=%s", run.pk, outcome.status)
    return closed


def _let_next_start(run_pk: int) -> None:
    """Have a worker start what waits, now that this run has freed its place.

    After the commit, so that no run is missed: one that is queued later finds the place free.
    """
    if Run.objects.filter(status=RunStatus.QUEUED, foreground=False).exists():
        broker.enqueue(broker.Task.START, run_pk)
