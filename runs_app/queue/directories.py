"""Keeps runs of several portals on one machine out of the same directory.

Within a portal the database decides; the lock on the directory itself decides between them.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.db import Error as DatabaseError
from django.db.models import Q

from registry_app.files.mounts import file_systems
from runs_app.choices import RunStatus
from runs_app.executors import notices
from runs_app.executors.base import folder_of
from runs_app.models import Run
from runs_app.queue.scheduling import Wait
from runs_app.runner import handover
from runs_app.runner.folder import RunFolder
from runs_app.runner.guards.directory_lock import EXCLUSIVE, SHARE_S, SHARED, SHARED_LATER, hold
from runs_app.texts import reasons, remarks

logger = logging.getLogger(__name__)

# A run holds the lock until its files are collected.
HOLDS_LOCK = (RunStatus.STARTING, RunStatus.RUNNING, RunStatus.FINALIZING)
# Their clients have `flock` for files alone; the kernel locks their directories by itself.
LOCKED_HERE = frozenset("afs cifs fuse.glusterfs fuse.sshfs lustre nfs nfs4 smb3".split())


@dataclass(frozen=True, kw_only=True)
class DirectoryLock:
    """The lock of a run on its directory.

    `descriptor` holds it in this process; None if the supervisor takes it, as with `SHARED_LATER`
    and where the file system has no such lock.
    """

    mode: str
    descriptor: int | None


def is_shared(run: Run) -> bool:
    """Return whether another run of this portal uses the directory of an ended one.

    So it does as far as is known where the database does not respond.
    """
    others = Run.objects.filter(status__in=(RunStatus.STARTING, RunStatus.RUNNING), host=run.host)
    try:
        return others.filter(experiment=run.experiment_id).exclude(pk=run.pk).exists()
    except DatabaseError:
        return True


def was_shared(run: Run) -> bool:
    """Return whether another run of this portal had the lock on the directory of an ended one.

    It may have had it before its script started, or after that ended.
    """
    others = Run.objects.filter(experiment=run.experiment_id, host=run.host).exclude(pk=run.pk)
    since = (run.started_at or run.queued_at) - timedelta(seconds=SHARE_S)
    left = Q(status__in=HOLDS_LOCK) | Q(status_changed_at__gte=since)
    left |= Q(pk__in=Run.objects.overlapping(run).values("pk"))
    return others.filter(left).exclude(status=RunStatus.QUEUED).exists()


def wait_for_other_portal(run: Run, host: str) -> Wait | None:
    """Return the wait for a run of another portal in the same directory, None if it is free."""
    with locked(run, host) as lock:
        if lock is not None:
            return None
    return Wait(run=run.pk, reason=reasons.WAITS_FOR_PORTAL(host=host))


@contextmanager
def locked(run: Run, host: str) -> Iterator[DirectoryLock | None]:
    """Hold the lock of a run on its directory until its supervisor has it.

    Held from before the files are listed: what a run of another portal made before that is not of
    this run. Yields None while a run of another portal has the lock. The lock of a run of this
    portal that `run` may overlap is enough for both, so it is not waited for.
    """
    lock = _taken(run, host)
    try:
        yield lock
    finally:
        if lock is not None and lock.descriptor is not None:
            os.close(lock.descriptor)


@contextmanager
def still_locked(run: Run, lock: DirectoryLock) -> Iterator[DirectoryLock | None]:
    """Yield the lock of a run that is about to start, None if another portal has taken it.

    The run of this portal whose lock was relied on may have been collected since.
    """
    if lock.mode != SHARED_LATER:
        yield lock
        return
    with locked(run, run.host) as renewed:
        yield renewed


def _taken(run: Run, host: str) -> DirectoryLock | None:
    others = Run.objects.filter(status__in=HOLDS_LOCK, host=host, experiment=run.experiment_id)
    others = others.exclude(pk=run.pk)
    modes = [SHARED] if run.overlap else [EXCLUSIVE]
    if not run.overlap and others.filter(overlap=True).exists():
        modes.append(SHARED)
    for mode in modes:
        try:
            return DirectoryLock(mode=mode, descriptor=hold(run.cwd, mode))
        except BlockingIOError:
            continue
        except OSError:  # the supervisor reports why
            return DirectoryLock(mode=mode, descriptor=None)
    if run.overlap and any(map(_has_lock, others.filter(overlap=False))):
        return DirectoryLock(mode=SHARED_LATER, descriptor=None)
    return None


def _has_lock(run: Run) -> bool:
    """Return whether a run of this portal has the lock on its directory, or is about to have it.

    It may have ended without being collected for so long that its lock was given up. Where its
    folder cannot be read, another portal may have the lock, so that is waited for.
    """
    if run.status == RunStatus.STARTING:
        return True
    folder = folder_of(run)
    try:
        return folder.is_locked() or handover.has_keeper(folder)
    except OSError as error:
        logger.warning("its lock is not known run=%s error=%s", run.pk, error)
        return False


def note_lock(run: Run, folder: RunFolder) -> None:
    """Note on a run which runs of other portals its lock did not keep out."""
    started = folder.started()
    if started is None:
        return
    if started.directory_refused:
        notices.add(run.pk, remarks.DIRECTORY_NOT_LOCKED(error=started.directory_refused))
    elif kind := _file_system_of_many_machines(run.cwd):
        notices.add(run.pk, remarks.DIRECTORY_LOCKED_HERE(kind=kind))


def _file_system_of_many_machines(directory: str) -> str:
    """Return the type of the directory's file system if locks do not reach its other machines."""
    try:
        kind = file_systems().get(os.stat(directory).st_dev, "")
    except OSError:  # it is gone
        return ""
    return kind if kind in LOCKED_HERE else ""
