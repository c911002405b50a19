"""From what a run folder holds to how the run ended: pure rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from runs_app.choices import RunStatus, StatusReason
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
        finished_at=_time(record.finished_at),
    )


def _ending(run: Run, record: ExitRecord) -> tuple[RunStatus, StatusReason, dict[str, Any]]:
    match record.why:
        case "launch_failed":
            return RunStatus.ERRORED, StatusReason.LAUNCH_FAILED, {"error": record.error}
        case "cancelled":
            # Nobody wished it where the machine, say, ended the supervisor at its shutdown.
            user = run.cancel_requested_by or _("a signal to its supervisor")
            return RunStatus.CANCELLED, StatusReason.CANCELLED, {"user": user}
        case "timed_out":
            return RunStatus.TIMED_OUT, StatusReason.TIMED_OUT, {"seconds": run.timeout_s}
        case "signalled":
            return RunStatus.FAILED, StatusReason.KILLED_BY_SIGNAL, {"signal": record.signal}
    if record.exit_code == 0:
        return RunStatus.SUCCEEDED, StatusReason.EXITED_ZERO, {}
    return RunStatus.FAILED, StatusReason.EXITED_NONZERO, {"code": record.exit_code}


def _lost(run: Run, *, boot: str) -> Verdict:
    if run.boot_id and run.boot_id != boot:
        reason, values = StatusReason.HOST_REBOOTED, {"host": run.host}
    else:
        reason, values = StatusReason.SUPERVISOR_DIED, {}
    return Verdict(status=RunStatus.LOST, reason=reason, values=values, started_at=run.started_at)


def _time(epoch_s: float | None) -> datetime | None:
    return None if epoch_s is None else datetime.fromtimestamp(epoch_s, UTC)
