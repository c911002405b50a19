"""The exit statuses of the commands that people and scripts start."""

from __future__ import annotations

from runs_app.choices import RunStatus, StatusReason
from runs_app.models import Run

REFUSED = 2
PORTAL_FAILED = 70
# As `timeout` and a shell say it, for scripts that end with 0 although they were stopped.
TIMED_OUT = 124
INTERRUPTED = 130


def exit_status_of(run: Run) -> int:
    """Return the script's exit status; one of the portal's where the script has none.

    Only a run that succeeded gives 0.
    """
    if run.status == RunStatus.SUCCEEDED:
        return 0
    if run.exit_code:
        return run.exit_code
    if run.reason_code == StatusReason.REFUSED:
        return REFUSED
    stopped = {RunStatus.CANCELLED: INTERRUPTED, RunStatus.TIMED_OUT: TIMED_OUT}
    return stopped.get(RunStatus(run.status), PORTAL_FAILED)
