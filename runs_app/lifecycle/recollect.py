"""Collects again what a run left if that failed at its end, such as on a full disk.

The outcome of a run never depends on it. Until it has succeeded the run carries a notice and a
succeeded one is amber. What was copied already stays; files that changed since the script ended are
not taken for its results.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from registry_app.messages import Message, stored_values
from runs_app.choices import TERMINAL, MlflowState
from runs_app.executors import notices
from runs_app.executors.base import UNKNOWN, folder_of
from runs_app.executors.chosen import is_ours, job_of
from runs_app.executors.outcome import Outcome, lost_by, outcome_of
from runs_app.lifecycle import collect
from runs_app.models import Run
from runs_app.models.moments import COLLECT_MAX_WAIT
from runs_app.preflight.directory import full_folder
from runs_app.runner.folder import RunFolder
from runs_app.texts import reasons, remarks
from runs_app.tracking import record as tracking_record

logger = logging.getLogger(__name__)

FIRST_WAIT = timedelta(minutes=1)
# After this time the notice stays, and nothing is tried any more.
GIVE_UP = timedelta(days=14)


def after_failure(run: Run, *, finished_at: datetime | None) -> datetime | None:
    """Note that the results of a run are not collected, and return when to try again.

    The waits grow with the time since the end of the script. None: not any more.
    """
    notices.add(run.pk, remarks.NOT_COLLECTED())
    now = timezone.now()
    # A clock that was set back leaves an end in the future.
    age = max(now - finished_at, timedelta(0)) if finished_at else timedelta(0)
    return None if age > GIVE_UP else now + min(max(FIRST_WAIT, age / 4), COLLECT_MAX_WAIT)


def again(run_pk: int) -> bool:
    """Collect the results of one ended run again; return whether they are complete now.

    The caller holds the finisher's lock of the run.
    """
    run = Run.objects.select_related("experiment__zone__site__customer", "queued_by").get(pk=run_pk)
    if run.collect_next_at is None or run.status not in TERMINAL or not is_ours(run):
        return False
    folder = folder_of(run)
    if run.folder_removed_at is not None or not folder.path.is_dir():
        Run.objects.filter(pk=run_pk).update(collect_next_at=None)
        return False
    is_full = full_folder() is not None
    problem = None if is_full else collect.problem_of(run)
    if is_full or problem is not None:
        reason = _failed(run, folder, problem) if problem else None
        next_at = after_failure(run, finished_at=run.finished_at)
        Run.objects.filter(pk=run_pk).update(collect_next_at=next_at, **_reason(reason))
        return False
    outcome = _outcome(run, folder)
    changes: dict[str, Any] = _reason(outcome.reason)
    if run.started_at is not None:
        changes["mlflow_experiment"] = tracking_record.write(run, outcome, folder)
        changes |= {"mlflow_state": MlflowState.PENDING, "mlflow_next_at": None}
    Run.objects.filter(pk=run_pk).update(collect_next_at=None, **changes)
    notices.take_back(run_pk, remarks.NOT_COLLECTED)
    logger.info("collected after all run=%s", run_pk)
    return True


def _outcome(run: Run, folder: RunFolder) -> Outcome:
    record = folder.exit_record()
    return outcome_of(run, record, UNKNOWN if record else job_of(run))


def _failed(run: Run, folder: RunFolder, problem: Message) -> Message:
    return reasons.COLLECT_FAILED(error=problem, **lost_by(_outcome(run, folder)))


def _reason(reason: Message | None) -> dict[str, Any]:
    if reason is None:
        return {}
    return {"reason_code": reason.code, "reason_values": stored_values(reason)}
