"""From what a run folder holds to how the run ended: pure rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from runs_app.choices import Notice, RunStatus, StatusReason
from runs_app.models import Run
from runs_app.runner.folder import ExitRecord


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How a run ended; the times are the script's own, None where nothing witnessed them."""

    status: RunStatus
    reason: StatusReason
    values: dict[str, Any] = field(default_factory=dict)
    exit_code: int | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


def verdict_of(run: Run, record: ExitRecord | None, *, boot: str) -> Verdict:
    """Return how `run` ended by its exit record; without one it is lost.

    `boot` is the present boot id of the machine that the run was on.
    """
    if record is None:
        return _lost(run, boot=boot)
    status, reason, values = _ending(run, record)
    return Verdict(
        status=status,
        reason=reason,
        values=values,
        exit_code=None if record.why == "launch_failed" else record.exit_code,
        started_at=_time(record.started_at),
        # A clock that was set back must not let a run end before it began.
        finished_at=_time(max(record.finished_at, record.started_at or 0)),
    )


def _ending(run: Run, record: ExitRecord) -> tuple[RunStatus, StatusReason, dict[str, Any]]:
    values: dict[str, Any] = {}
    match record.why:
        case "launch_failed":
            status, reason = RunStatus.ERRORED, StatusReason.LAUNCH_FAILED
            values = {"error": record.error}
        case "cancelled" if run.cancel_requested_at is None:
            status, reason = RunStatus.CANCELLED, StatusReason.STOPPED_BY_SIGNAL
        case "cancelled":
            status, reason = RunStatus.CANCELLED, StatusReason.CANCELLED
            values = {"user": run.cancel_requested_by}
        case "timed_out":
            status, reason = RunStatus.TIMED_OUT, StatusReason.TIMED_OUT
            values = {"seconds": run.timeout_s}
        case "log_limit":
            status, reason = RunStatus.FAILED, StatusReason.LOG_LIMIT
            values = {"mib": run.log_limit_mib}
        case "signalled":
            status, reason = RunStatus.FAILED, StatusReason.KILLED_BY_SIGNAL
            values = {"signal": record.signal}
        case _ if record.exit_code == 0:
            status, reason = RunStatus.SUCCEEDED, StatusReason.EXITED_ZERO
        case _:
            status, reason = RunStatus.FAILED, StatusReason.EXITED_NONZERO
            values = {"code": record.exit_code}
    return status, reason, values


def _lost(run: Run, *, boot: str) -> Verdict:
    if run.boot_id and run.boot_id != boot:
        reason, values = StatusReason.HOST_REBOOTED, {"host": run.host}
    elif Notice.FOLDER_DELETED in run.notices:
        reason, values = StatusReason.FOLDER_DELETED, {}
    else:
        reason, values = StatusReason.SUPERVISOR_DIED, {}
    return Verdict(status=RunStatus.LOST, reason=reason, values=values, started_at=run.started_at)


def _time(epoch_s: float | None) -> datetime | None:
    return None if epoch_s is None else datetime.fromtimestamp(epoch_s, UTC)
