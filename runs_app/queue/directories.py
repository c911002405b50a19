"""Keeps runs of several portals on one machine out of the same directory.

Within a portal the database decides; the lock on the directory itself decides between them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from runs_app.choices import RunStatus
from runs_app.executors import notices
from runs_app.models import Run
from runs_app.queue.scheduling import Wait
from runs_app.runner.folder import RunFolder
from runs_app.runner.guards.directory_lock import EXCLUSIVE, SHARED, SHARED_LATER, hold, is_held
from runs_app.texts import reasons, remarks

# A run holds the lock until its files are collected.
HOLDS_LOCK = (RunStatus.STARTING, RunStatus.RUNNING, RunStatus.FINALIZING)


@dataclass(frozen=True, kw_only=True)
class DirectoryLock:
    """The lock of a run on its directory.

    `descriptor` holds it in this process; None if the supervisor takes it, as with `SHARED_LATER`
    and where the file system has no such lock.
    """

    mode: str
    descriptor: int | None


def lock_mode(run: Run, host: str) -> str:
    """Return which lock a run on `host` takes on its directory.

    Runs of this portal that may overlap each other must not wait for each other's lock.
    """
    others = Run.objects.filter(status__in=HOLDS_LOCK, host=host, experiment=run.experiment_id)
    others = others.exclude(pk=run.pk)
    if run.overlap:  # one with exclusive use keeps other portals out for both
        return SHARED_LATER if others.filter(overlap=False).exists() else SHARED
    return SHARED if others.filter(overlap=True).exists() else EXCLUSIVE


def is_shared(run: Run) -> bool:
    """Return whether another run of this portal uses the directory of an ended one."""
    others = Run.objects.filter(status__in=(RunStatus.STARTING, RunStatus.RUNNING), host=run.host)
    return others.filter(experiment=run.experiment_id).exclude(pk=run.pk).exists()


def wait_for_other_portal(run: Run, host: str) -> Wait | None:
    """Return the wait for a run of another portal in the same directory, None if it is free."""
    mode = lock_mode(run, host)
    if mode == SHARED_LATER or not is_held(run.cwd, mode):
        return None
    return Wait(run=run.pk, reason=reasons.WAITS_FOR_PORTAL(host=host))


@contextmanager
def locked(run: Run, host: str) -> Iterator[DirectoryLock | None]:
    """Hold the lock of a run on its directory until its supervisor has it.

    Held from before the files are listed: what a run of another portal made before that is not of
    this run. Yields None while a run of another portal has the lock.
    """
    mode = lock_mode(run, host)
    descriptor = None
    try:
        descriptor = None if mode == SHARED_LATER else hold(run.cwd, mode)
    except BlockingIOError:
        yield None
        return
    except OSError:  # the supervisor reports why
        pass
    try:
        yield DirectoryLock(mode=mode, descriptor=descriptor)
    finally:
        if descriptor is not None:
            os.close(descriptor)


def note_refusal(run: Run, folder: RunFolder) -> None:
    """Note on a run that its file system has no lock, so other portals were not kept out."""
    started = folder.started()
    if started is not None and started.directory_refused:
        notices.add(run.pk, remarks.DIRECTORY_NOT_LOCKED(error=started.directory_refused))
