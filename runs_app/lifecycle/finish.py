"""Ends runs: shows the outcome at once, keeps what the script made, then closes the run.

1. `begin`: STARTING or RUNNING -> FINALIZING, with exit status, outcome and the script's times.
2. `finish`: one finisher at a time, by a lock that vanishes with its holder. It compares the
   directory with its manifest from before, keeps copies, hashes, metrics and rows; all repeatable.
3. FINALIZING -> the outcome, only by the finisher whose token stands in the row; that frees the
   directory and the slot. MLflow and the next queued run are rung for, never waited for.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import transaction
from django.utils import timezone

from runs_app.choices import MlflowState, Notice, RunStatus, StatusReason
from runs_app.exceptions import RunnerError
from runs_app.executors import isolation, local, notices, script_user
from runs_app.executors.outcome import Verdict, verdict_of
from runs_app.lifecycle import collect
from runs_app.models import Run
from runs_app.queue import doorbell
from runs_app.records import hashing, log_size
from runs_app.runner.folder import ExitRecord, RunFolder, boot_id
from runs_app.system import locks
from runs_app.tracking import record as tracking_record

logger = logging.getLogger(__name__)

FINISH_LOCK = "finish.lock"


def begin(run: Run) -> bool:
    """Show how the script ended, before anything is collected; return whether we were first.

    A lost run whose exit record turned up begins its end again, and MLflow hears of it again.
    """
    verdict = verdict_of(run, local.folder_of(run).exit_record(), boot=boot_id())
    resent: dict[str, Any] = {}
    if run.status == RunStatus.LOST:
        resent = {"mlflow_state": MlflowState.PENDING, "mlflow_next_at": None}
    moved = Run.objects.move(
        run.pk,
        expect=RunStatus(run.status),
        to=RunStatus.FINALIZING,
        reason=StatusReason.COLLECTING,
        outcome=verdict.status,
        exit_code=verdict.exit_code,
        started_at=verdict.started_at,
        finished_at=verdict.finished_at,
        **resent,
    )
    if moved:
        logger.info("ended run=%s outcome=%s exit=%s", run.pk, verdict.status, verdict.exit_code)
        if not run.foreground:
            doorbell.ring(doorbell.Task.FINISH, run.pk)
    return moved


def finish(run_pk: int) -> bool:
    """Collect what a run left and close it; return whether this call closed it.

    Does nothing where the run is not finalizing, is on another machine, or has a finisher.
    """
    run = Run.objects.select_related("experiment__zone__site__customer", "queued_by").get(pk=run_pk)
    if run.status != RunStatus.FINALIZING or run.host != settings.GUARDIANFLOW_HOST:
        return False
    folder = local.folder_of(run)
    folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if script_user.is_away(folder):  # what only that user can read is not lost
        return False
    with locks.hold(folder.path / FINISH_LOCK) as ours:
        if not ours:
            return False
        token = uuid.uuid4()
        if not Run.objects.filter(pk=run_pk, status=RunStatus.FINALIZING).update(lease_token=token):
            return False
        record = folder.exit_record()
        verdict = verdict_of(run, record, boot=boot_id())
        _note(run, folder, record)
        problem = _collect(run)
        experiment, unrecorded = _record(run, verdict, folder)
        closed = _close(
            run,
            verdict,
            problem=problem or unrecorded,
            mlflow_experiment=experiment,
            where_lease_token=token,
        )
    if closed and not run.foreground:  # a person at a terminal waits for nothing more
        hashing.hash_if_possible(run)
    return closed


def give_up(run: Run, reason: StatusReason, **values: Any) -> None:
    """End a starting run that never became a process, as errored."""
    _end_unstarted(run, RunStatus.ERRORED, reason, values)


def cancel_unstarted(run: Run) -> None:
    """End a starting run that never became a process and that somebody cancelled."""
    values = {"user": run.cancel_requested_by}
    _end_unstarted(run, RunStatus.CANCELLED, StatusReason.CANCELLED_QUEUED, values)


def _end_unstarted(
    run: Run, status: RunStatus, reason: StatusReason, values: dict[str, Any]
) -> None:
    verdict = Verdict(status=status, reason=reason, values=values)
    with transaction.atomic():
        if Run.objects.move(
            run.pk,
            expect=RunStatus.STARTING,
            to=RunStatus.FINALIZING,
            reason=StatusReason.COLLECTING,
            outcome=status,
        ):
            _close(run, verdict, problem="")


def _note(run: Run, folder: RunFolder, record: ExitRecord | None) -> None:
    """Say of a run what its outcome alone does not tell."""
    log_size.watch(run, folder)
    if folder.was_restored():
        notices.add(run.pk, Notice.FOLDER_RESTORED, instead_of=Notice.FOLDER_DELETED)
    if record is not None and record.exit_code:
        isolation.note_refusal(run, folder)
    if record is None and folder.has_bad_exit_record():
        notices.add(run.pk, Notice.EXIT_RECORD_SPOILT)
    if record is not None and record.replaced:
        notices.add(run.pk, Notice.EXIT_RECORD_WRITTEN)
    if record is not None and record.stragglers:
        notice = Notice.STRAGGLERS_LEFT if record.background else Notice.STRAGGLERS_ENDED
        notices.add(run.pk, notice, count=record.stragglers)


def _collect(run: Run) -> str:
    """Keep what the script made; return what went wrong, which never changes the outcome."""
    try:
        collect.collect(run)
    except (OSError, RunnerError) as error:
        logger.warning("not collected run=%s error=%s", run.pk, error)
        return str(error)
    except DatabaseError:
        raise
    except Exception as error:
        # Whatever a script left behind: a run that never ends would keep its directory for ever.
        logger.exception("not collected run=%s", run.pk)
        return f"{type(error).__name__}: {error}"
    return ""


def _record(run: Run, verdict: Verdict, folder: RunFolder) -> tuple[str, str]:
    """Fix what MLflow will be told; return its experiment, and what went wrong."""
    try:
        return tracking_record.write(run, verdict, folder), ""
    except (OSError, RunnerError) as error:
        logger.warning("not recorded for MLflow run=%s error=%s", run.pk, error)
        return "", str(error)


def _now_after(started_at: datetime | None) -> datetime:
    """Return the present time, or the start of a run that began before the clock was set back."""
    now = timezone.now()
    return max(now, started_at) if started_at else now


def _close(run: Run, verdict: Verdict, *, problem: str, **changes: Any) -> bool:
    reason, values = verdict.reason, verdict.values
    if problem:
        reason, values = StatusReason.COLLECT_FAILED, {"error": problem}
    with transaction.atomic():
        closed = Run.objects.move(
            run.pk,
            expect=RunStatus.FINALIZING,
            to=verdict.status,
            reason=reason,
            reason_values=values,
            outcome=verdict.status,
            exit_code=verdict.exit_code,
            started_at=verdict.started_at,
            finished_at=verdict.finished_at or _now_after(verdict.started_at),
            lease_token=None,
            **changes,
        )
        if closed:
            if verdict.started_at and not run.foreground:
                doorbell.ring(doorbell.Task.SEND, run.pk)
            doorbell.ring(doorbell.Task.START, run.pk)
    if closed:
        logger.info("closed run=%s status=%s", run.pk, verdict.status)
    return closed
