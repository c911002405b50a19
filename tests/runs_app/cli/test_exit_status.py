"""The exit status of `guardianflow run`."""

from __future__ import annotations

import pytest

from runs_app.choices import RunStatus
from runs_app.cli.exit_status import exit_status_of
from runs_app.models import Run
from runs_app.texts import reasons


@pytest.mark.parametrize(
    ("status", "exit_code", "reason", "expected"),
    [
        (RunStatus.SUCCEEDED, 0, reasons.EXITED_ZERO.code, 0),
        (RunStatus.FAILED, 3, reasons.EXITED_NONZERO.code, 3),
        (RunStatus.FAILED, 137, reasons.KILLED_BY_SIGNAL.code, 137),
        (RunStatus.CANCELLED, 130, reasons.CANCELLED.code, 130),
        (RunStatus.CANCELLED, 0, reasons.CANCELLED.code, 130),
        (RunStatus.CANCELLED, None, reasons.CANCELLED_QUEUED.code, 130),
        (RunStatus.TIMED_OUT, 143, reasons.TIMED_OUT.code, 143),
        (RunStatus.TIMED_OUT, 0, reasons.TIMED_OUT.code, 124),
        (RunStatus.ERRORED, None, reasons.REFUSED.code, 2),
        (RunStatus.ERRORED, None, reasons.LAUNCH_FAILED.code, 70),
        (RunStatus.LOST, None, reasons.SUPERVISOR_DIED.code, 70),
    ],
)
def test_exit_status(status: RunStatus, exit_code: int | None, reason: str, expected: int) -> None:
    run = Run(status=status, exit_code=exit_code, reason_code=reason)
    assert exit_status_of(run) == expected
