"""The exit status of `guardianflow run`."""

from __future__ import annotations

import pytest

from runs_app.choices import RunStatus, StatusReason
from runs_app.cli.exit_status import exit_status_of
from runs_app.models import Run


@pytest.mark.parametrize(
    ("status", "exit_code", "reason", "expected"),
    [
        (RunStatus.SUCCEEDED, 0, StatusReason.EXITED_ZERO, 0),
        (RunStatus.FAILED, 3, StatusReason.EXITED_NONZERO, 3),
        (RunStatus.FAILED, 137, StatusReason.KILLED_BY_SIGNAL, 137),
        (RunStatus.CANCELLED, 130, StatusReason.CANCELLED, 130),
        (RunStatus.CANCELLED, 0, StatusReason.CANCELLED, 130),
        (RunStatus.CANCELLED, None, StatusReason.CANCELLED_QUEUED, 130),
        (RunStatus.TIMED_OUT, 143, StatusReason.TIMED_OUT, 143),
        (RunStatus.TIMED_OUT, 0, StatusReason.TIMED_OUT, 124),
        (RunStatus.ERRORED, None, StatusReason.REFUSED, 2),
        (RunStatus.ERRORED, None, StatusReason.LAUNCH_FAILED, 70),
        (RunStatus.LOST, None, StatusReason.SUPERVISOR_DIED, 70),
    ],
)
def test_exit_status(
    status: RunStatus, exit_code: int | None, reason: StatusReason, expected: int
) -> None:
    run = Run(status=status, exit_code=exit_code, reason_code=reason)
    assert exit_status_of(run) == expected
