"""Derives how a run ended from the contents of its run folder: pure rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from registry_app.messages import Message
from runs_app.choices import RunStatus
from runs_app.executors.base import UNKNOWN, Job
from runs_app.executors.left_work import ended_work
from runs_app.models import Run
from runs_app.runner.folder_records import ExitRecord
from runs_app.sentences import signal_text
from runs_app.texts import outcomes, reasons
from runs_app.texts.people import actor, length_of_time
from runs_app.texts.remarks import FOLDER_DELETED

# The value that keeps, beside the reason of a run that is still collected, why it was lost.
LOST_BY = "lost_by"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a run ended; the times are the script's own, None if not recorded."""

    status: RunStatus
    reason: Message
    exit_code: int | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


def outcome_of(run: Run, record: ExitRecord | None, job: Job = UNKNOWN) -> Outcome:
    """Return how `run` ended by its exit record; without one it is lost.

    `job` is its executor's information, which may explain why there is no record. Why it was lost
    is decided once: the machine may restart before its results are collected.
    """
    if record is None:
        return _lost(run, job)
    status, reason = _ending(run, record)
    return Outcome(
        status=status,
        reason=reason,
        exit_code=None if record.why == "launch_failed" else record.exit_code,
        started_at=_time(record.started_at),
        # A clock that was set back must not let a run end before it began.
        finished_at=_time(max(record.finished_at, record.started_at or 0)),
    )


def lost_by(outcome: Outcome) -> dict[str, Message]:
    """Return the value that keeps why a run was lost beside another reason; {} if it was not."""
    return {LOST_BY: outcome.reason} if outcome.status == RunStatus.LOST else {}


def _ending(run: Run, record: ExitRecord) -> tuple[RunStatus, Message]:
    match record.why:
        case "launch_failed":
            status, reason = RunStatus.ERRORED, reasons.LAUNCH_FAILED(error=record.error)
        case "cancelled" if run.cancel_requested_at is None:
            status, reason = RunStatus.CANCELLED, reasons.STOPPED_BY_SIGNAL()
        case "cancelled":
            user = actor(run.cancel_requested_by)
            status, reason = RunStatus.CANCELLED, reasons.CANCELLED(user=user)
        case "ended_by_script":
            status, reason = RunStatus.FAILED, reasons.ENDED_BY_SCRIPT()
        case "timed_out":
            limit = length_of_time(timedelta(seconds=run.timeout_s or 0))
            status, reason = RunStatus.TIMED_OUT, reasons.TIMED_OUT(duration=limit)
        case "log_limit":
            status, reason = RunStatus.FAILED, reasons.LOG_LIMIT(mib=run.log_limit_mib)
        case "signalled":
            signal = signal_text(record.signal or 0)
            status, reason = RunStatus.FAILED, reasons.KILLED_BY_SIGNAL(signal=signal)
        case _ if record.exit_code == 0 and (work := ended_work(run, record)):
            status, reason = RunStatus.FAILED, outcomes.WORK_ENDED(work=work)
        case _ if record.exit_code == 0:
            status, reason = RunStatus.SUCCEEDED, reasons.EXITED_ZERO()
        case _:
            status = RunStatus.FAILED
            reason = reasons.EXITED_NONZERO(code=record.exit_code)
    return status, reason


def _lost(run: Run, job: Job) -> Outcome:
    if isinstance(first := run.reason.values.get(LOST_BY), Message):
        reason = first
    elif job.reason is not None:
        reason = job.reason
    elif FOLDER_DELETED.code in run.notices:
        reason = reasons.FOLDER_DELETED()
    else:
        reason = reasons.SUPERVISOR_DIED()
    return Outcome(status=RunStatus.LOST, reason=reason, started_at=run.started_at)


def _time(epoch_s: float | None) -> datetime | None:
    return None if epoch_s is None else datetime.fromtimestamp(epoch_s, UTC)
