"""Keeps runs of several portals on one machine out of the same directory.

Within a portal the database decides; the supervisor's lock on the directory decides between them.
"""

from __future__ import annotations

from runs_app.choices import RunStatus
from runs_app.executors import notices
from runs_app.models import Run
from runs_app.queue.scheduling import Wait
from runs_app.runner.folder import RunFolder
from runs_app.runner.guards.directory_lock import EXCLUSIVE, SHARED, is_held
from runs_app.texts import reasons, remarks


def lock_mode(run: Run, host: str) -> str:
    """Return which lock the supervisor of a run on `host` takes on its directory, '' for none.

    Runs of this portal that may overlap each other must not wait for each other's lock.
    """
    alive = Run.objects.filter(status__in=(RunStatus.STARTING, RunStatus.RUNNING), host=host)
    others = alive.filter(experiment=run.experiment_id).exclude(pk=run.pk)
    if run.overlap:  # one with exclusive use keeps other portals out for both
        return "" if others.filter(overlap=False).exists() else SHARED
    return SHARED if others.filter(overlap=True).exists() else EXCLUSIVE


def wait_for_other_portal(run: Run, host: str) -> Wait | None:
    """Return the wait for a run of another portal in the same directory, None if it is free."""
    mode = lock_mode(run, host)
    if not mode or not is_held(run.cwd, mode):
        return None
    return Wait(run=run.pk, reason=reasons.WAITS_FOR_PORTAL(host=host))


def note_refusal(run: Run, folder: RunFolder) -> None:
    """Note on a run that its file system has no lock, so other portals were not kept out."""
    started = folder.started()
    if started is not None and started.directory_refused:
        notices.add(run.pk, remarks.DIRECTORY_NOT_LOCKED(error=started.directory_refused))
