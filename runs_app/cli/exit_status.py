"""The exit statuses of the commands for users and scripts."""

from __future__ import annotations

from runs_app.choices import RunStatus
from runs_app.models import Run
from runs_app.texts import reasons

REFUSED = 2
PORTAL_FAILED = 70
# As `timeout` and shells use it, for scripts that exit with 0 although they were stopped.
TIMED_OUT = 124
INTERRUPTED = 130


def exit_status_of(run: Run) -> int:
    """Return the script's exit status, or one of the portal's if the script has none.

    Only a run that succeeded gives 0.
    """
    if run.status == RunStatus.SUCCEEDED:
        return 0
    if run.exit_code:
        return run.exit_code
    if run.reason_code == reasons.REFUSED.code:
        return REFUSED
    stopped = {RunStatus.CANCELLED: INTERRUPTED, RunStatus.TIMED_OUT: TIMED_OUT}
    return stopped.get(RunStatus(run.status), PORTAL_FAILED)
