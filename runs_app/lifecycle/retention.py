"""Removes logs and run folders of old runs, by age and by size; the rows stay and record it.

Skips runs that have not ended, that are not completely in MLflow, or that may still be corrected.
A folder is renamed before it is removed, so that a crash never leaves a partly removed one.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from runs_app.choices import RESUMABLE, TERMINAL, MlflowState, RunStatus, SetKind, SetState
from runs_app.comparing.best import renew_best
from runs_app.executors.base import folder_of
from runs_app.lifecycle import due
from runs_app.models import Run, RunStep
from runs_app.records import hashing
from runs_app.system import locks, steady_clock
from runs_app.texts.files import REMOVED

logger = logging.getLogger(__name__)

STAMP = "prune.stamp"
CLOCK = "clock.json"
EVERY_S = 3600
# How long after its end a chain can be resumed for sure.
RESUME_DAYS = 14
GIB = 2**30
LOGS = ("stdout.log", "stderr.log", "output.index")
# Prefix of the name of a folder that is about to be removed.
_DOOMED = ".removed-"


class What(StrEnum):
    """What is removed of a run."""

    LOGS = "logs"
    FOLDER = "folder"


@dataclass(frozen=True, kw_only=True)
class Removal:
    """One thing that the rules remove, and how much disk space that frees.

    Files that the embedded MLflow store has under a second name free none.
    """

    run_pk: int
    what: What
    size_bytes: int


def is_on() -> bool:
    """Whether any rule is set; without one everything is kept forever."""
    return bool(
        settings.GUARDIANFLOW_KEEP_LOGS_DAYS
        or settings.GUARDIANFLOW_KEEP_RUNS_DAYS
        or settings.GUARDIANFLOW_KEEP_RUNS_GIB
    )


def is_due() -> bool:
    """Whether a rule is set and the last check is an hour old; runs no query.

    It never is while the clock may be wrong: everything would look old.
    """
    if not is_on():
        return False
    try:
        # A clock that was set back leaves a time in the future.
        is_recent = abs(timezone.now().timestamp() - _stamp().stat().st_mtime) <= EVERY_S
    except OSError:
        is_recent = False
    record = Path(settings.GUARDIANFLOW_HOME) / CLOCK
    return not is_recent and steady_clock.has_been_steady(record, steady_clock.now())


def plan(host: str, *, now: datetime | None = None) -> list[Removal]:
    """Return what the rules would remove on `host` now, the oldest first; changes nothing."""
    now = now or timezone.now()
    folders_before = _before(now, settings.GUARDIANFLOW_KEEP_RUNS_DAYS)
    logs_before = _before(now, settings.GUARDIANFLOW_KEEP_LOGS_DAYS)
    over_bytes = _over_limit()
    removals: list[Removal] = []
    for run in _removable(host, now).order_by("finished_at", "pk").iterator(chunk_size=500):
        ended = run.finished_at or now
        if over_bytes > 0 or (folders_before and ended < folders_before):
            over_bytes -= _size_of(run.folder)
            size_bytes = _size_of(run.folder, freed=True)
            removals.append(Removal(run_pk=run.pk, what=What.FOLDER, size_bytes=size_bytes))
        elif logs_before and ended < logs_before and run.logs_removed_at is None:
            size_bytes = sum(_file_bytes(run.folder / name) for name in LOGS)
            removals.append(Removal(run_pk=run.pk, what=What.LOGS, size_bytes=size_bytes))
        elif not logs_before and over_bytes <= 0:
            break  # all others are younger
    return removals


def prune(host: str) -> Iterator[Removal]:
    """Carry out the rules; yield each removal that was done."""
    if not settings.RUNS_DIR.is_dir():  # the disk is not mounted
        return
    _stamp().touch()
    _remove_doomed()
    for removal in plan(host):
        if _remove(host, removal):
            yield removal


def _removable(host: str, now: datetime) -> QuerySet[Run]:
    return Run.objects.exclude(pk__in=_needed(now).values("run")).filter(
        Q(mlflow_state=MlflowState.SENT) | Q(started_at__isnull=True),
        ~Q(status=RunStatus.LOST) | Q(status_changed_at__lt=now - due.LOST_WATCH),
        status__in=TERMINAL,
        host=host,
        folder_removed_at__isnull=True,
    )


def _needed(now: datetime) -> QuerySet[RunStep]:
    """Return the steps whose runs a chain may still hand over, now or once it is resumed."""
    goes_on = Q(run_set__state=SetState.ACTIVE)
    may_be_resumed = Q(
        run_set__state__in=RESUMABLE,
        run_set__ended_at__gte=now - timedelta(days=RESUME_DAYS),
        run__status=RunStatus.SUCCEEDED,
    )
    chains = RunStep.objects.filter(run_set__kind=SetKind.CHAIN, run__isnull=False)
    return chains.filter(goes_on | may_be_resumed)


def _remove(host: str, removal: Removal) -> bool:
    """Remove what is planned, unless a process works on the run or its state has changed."""
    run = _removable(host, timezone.now()).filter(pk=removal.run_pk).first()
    if run is None:
        return False
    folder = folder_of(run).path
    with ExitStack() as held:
        if folder.is_dir():
            for name in (locks.FINISH_LOCK, locks.SEND_LOCK, hashing.LOCK):
                if not held.enter_context(locks.hold(folder / name)):
                    return False
        try:
            if removal.what is What.LOGS:
                _remove_logs(run)
            else:
                _remove_folder(run)
        except OSError as error:
            logger.warning("not removed run=%s what=%s error=%s", run.pk, removal.what, error)
            return False
    logger.info("removed run=%s what=%s bytes=%s", run.pk, removal.what, removal.size_bytes)
    return True


def _remove_logs(run: Run) -> None:
    for name in LOGS:
        (run.folder / name).unlink(missing_ok=True)
    Run.objects.filter(pk=run.pk).update(logs_removed_at=timezone.now())


def _remove_folder(run: Run) -> None:
    folder = run.folder
    # Next to it are the folders of failed launches, with their number as a suffix.
    found = [folder, *folder.parent.glob(f"{folder.name}.*")]
    doomed = [path.with_name(f"{_DOOMED}{path.name}") for path in found]
    for path, aside in zip(found, doomed, strict=True):
        if path.is_dir() and not path.is_symlink():
            os.replace(path, aside)
    now = timezone.now()
    with transaction.atomic():
        run.files.exclude(kept="").update(kept="", left_out=REMOVED())
        Run.objects.filter(pk=run.pk).update(folder_removed_at=now, logs_removed_at=now)
    if run.is_best:  # its weights are gone with it
        renew_best(run.experiment, types=[run.type])
    for aside in doomed:
        shutil.rmtree(aside, ignore_errors=True)


def _remove_doomed() -> None:
    """Remove what an interrupted removal has left."""
    for aside in settings.RUNS_DIR.glob(f"{_DOOMED}*"):
        shutil.rmtree(aside, ignore_errors=True)


def _before(now: datetime, days: int) -> datetime | None:
    return now - timedelta(days=days) if days else None


def _over_limit() -> int:
    """Return by how many bytes all run folders together are over their limit."""
    limit_bytes = settings.GUARDIANFLOW_KEEP_RUNS_GIB * GIB
    return _size_of(settings.RUNS_DIR) - limit_bytes if limit_bytes else 0


def _size_of(folder: Path, *, freed: bool = False) -> int:
    """Return how many bytes a folder takes on disk, each content once.

    `freed`: only those that removing the folder frees, as none of their names is elsewhere.
    """
    names: Counter[tuple[int, int]] = Counter()
    facts: dict[tuple[int, int], os.stat_result] = {}
    for parent, _folders, files in os.walk(folder):
        for name in files:
            with suppress(OSError):
                seen = Path(parent, name).lstat()
                names[seen.st_dev, seen.st_ino] += 1
                facts[seen.st_dev, seen.st_ino] = seen
    return sum(
        seen.st_blocks * 512
        for inode, seen in facts.items()
        if not freed or seen.st_nlink <= names[inode]
    )


def _file_bytes(path: Path) -> int:
    try:
        return path.lstat().st_blocks * 512
    except OSError:
        return 0


def _stamp() -> Path:
    return Path(settings.GUARDIANFLOW_HOME) / STAMP
