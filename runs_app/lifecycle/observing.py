"""Syncs the rows of runs with their folders; it may be repeated at any time, by any process.

A run in a terminal waits for what is imported here, so what a worker does besides is in
`reconcile`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial

from django.conf import settings
from django.db import Error as DatabaseError
from django.utils import timezone

from registry_app.models import Experiment
from runs_app.choices import OBSERVED, RunStatus
from runs_app.exceptions import RunnerError
from runs_app.executors import notices
from runs_app.executors.base import UNKNOWN, Job, Phase, folder_of
from runs_app.executors.chosen import executor, is_ours, job_of, jobs_of
from runs_app.lifecycle import finish, launch
from runs_app.models import Run
from runs_app.queue import directories
from runs_app.records.logs import size as log_size
from runs_app.runner.folder import RunFolder
from runs_app.system import locks
from runs_app.texts import reasons, remarks

logger = logging.getLogger(__name__)

# A supervisor recreates its folder within a second; the rest allows for a busy machine.
CANCEL_GRACE_S = 20
MAX_LAUNCHES = 3


def observe(run_pk: int) -> None:
    """Sync the row of one run with its folder and its executor."""
    run = Run.objects.get(pk=run_pk)
    if is_ours(run):
        is_watched = run.status in OBSERVED
        _observe(run, job_of(run) if is_watched else UNKNOWN)


def observe_all(runs: Iterable[Run]) -> None:
    """Sync the rows of runs with their folders and one snapshot of all of them."""
    ours = [run for run in runs if is_ours(run)]
    jobs = jobs_of(ours)
    for run in ours:
        deferring_errors(partial(_observe_queried, ours=run, job=jobs[run.pk]), run.pk)


def _observe_queried(run_pk: int, *, ours: Run, job: Job) -> None:
    """Observe a run unless it has moved on, or was launched again, since `queried` was read."""
    run = Run.objects.get(pk=run_pk)
    if (run.status, run.submission) == (ours.status, ours.submission):
        _observe(run, job)


def _observe(run: Run, job: Job) -> None:
    """Sync the row of one run with its folder and with its executor's information.

    | exit record | executor        | the run |
    |-------------|-----------------|---------|
    | present     | any             | ends as the record says; a lost one is corrected |
    | missing     | waiting         | goes on; a request to cancel is passed on |
    | missing     | running         | the same, and is running as soon as the folder says so |
    | missing     | over            | leftover processes are killed, and it is lost |
    | missing     | over, unclaimed | as absent: it was withdrawn before its start |
    | missing     | absent          | its folder is fenced, and it is queued again |
    | missing     | unknown         | goes on as it is |
    """
    if run.status not in {*OBSERVED, RunStatus.LOST}:
        return
    folder = folder_of(run)
    if folder.exit_record() is not None:
        finish.begin(run)
    elif run.status == RunStatus.LOST:
        return
    elif job.phase in {Phase.WAITING, Phase.RUNNING}:
        _goes_on(run, folder, job)
    elif job.phase is Phase.OVER and _has_run(run, folder):
        _is_over(run, folder, job)
    elif job.phase in {Phase.OVER, Phase.ABSENT}:
        _is_absent(run, folder)


def settle(experiment: Experiment) -> None:
    """Observe and close all runs that use the experiment's directory on this machine."""
    runs = Run.objects.on_host(executor().place).filter(experiment=experiment)
    for pk in runs.values_list("pk", flat=True):
        observe(pk)
        finish.finish(pk)


def deferring_errors(act: Callable[[int], object], run_pk: int) -> bool:
    """Call `act` for one run; an error in its folder must not stop the others."""
    try:
        return bool(act(run_pk))
    except (OSError, RunnerError) as error:
        logger.warning("deferred to the next tick run=%s error=%s", run_pk, error)
    except DatabaseError:
        raise
    except Exception:
        logger.exception("deferred to the next tick run=%s", run_pk)
    return False


def _goes_on(run: Run, folder: RunFolder, job: Job) -> None:
    if _is_folder_deleted(run, folder):
        _without_folder(run)
        return
    if job.phase is Phase.RUNNING:
        _note_start(run, folder)
        log_size.watch(run, folder)
        if folder.was_restored():
            notices.add(run.pk, remarks.FOLDER_RESTORED(), instead_of=remarks.FOLDER_DELETED)
    if run.cancel_requested_at is not None:
        executor().cancel(run)


def _has_run(run: Run, folder: RunFolder) -> bool:
    """Whether a supervisor of this launch ever existed."""
    return run.status == RunStatus.RUNNING or folder.claim() is not None


def _is_folder_deleted(run: Run, folder: RunFolder) -> bool:
    """Whether the folder of a running script is gone while the disk of run folders is there."""
    is_claimed = run.status != RunStatus.RUNNING or folder.claim() is not None
    return not is_claimed and settings.RUNS_DIR.is_dir()


def _without_folder(run: Run) -> None:
    """Handle the deleted folder of a running script; its supervisor recreates it at once.

    A supervisor that cannot do so leaves no exit record, and reads no request to stop.
    """
    _note_deleted(run)
    if run.cancel_requested_at and _age_s(run.cancel_requested_at.timestamp()) > CANCEL_GRACE_S:
        executor().kill(run)


def _note_deleted(run: Run) -> None:
    if notices.add(run.pk, remarks.FOLDER_DELETED()):
        run.refresh_from_db(fields=["notices"])


def _is_over(run: Run, folder: RunFolder, job: Job) -> None:
    if _is_folder_deleted(run, folder):
        _note_deleted(run)
    executor().kill(run)
    # Its supervisor may have started and ended between two observations.
    _note_start(run, folder)
    run.refresh_from_db()
    finish.begin(run, job)


def _note_start(run: Run, folder: RunFolder) -> None:
    """Mark the run as running if the folder says that its script was started."""
    if run.status == RunStatus.STARTING and (started_at := folder.started_at()) is not None:
        Run.objects.move(
            run.pk,
            expect=RunStatus.STARTING,
            to=RunStatus.RUNNING,
            reason=reasons.RUNNING(host=run.host),
            started_at=datetime.fromtimestamp(started_at, UTC),
        )
        directories.note_lock(run, folder)


def _is_absent(run: Run, folder: RunFolder) -> None:
    """Handle a run that no executor has: fence it against a late supervisor, then decide."""
    if run.status == RunStatus.RUNNING:  # it ran, so its supervisor will report how it ended
        return
    if not folder.path.is_dir():
        _after_failed_launch(run)
        return
    with locks.hold(folder.path / launch.LAUNCH_LOCK) as launcher_is_gone:
        if not launcher_is_gone or not folder.fence():
            return
        _set_aside(folder, run.launches)
    _after_failed_launch(run)


def _set_aside(folder: RunFolder, number: int) -> None:
    """Rename the folder of a failed launch; a database that was set back counts launches again."""
    while os.path.lexists(aside := folder.path.with_name(f"{folder.path.name}.{number}")):
        number += 1
    os.replace(folder.path, aside)


def _after_failed_launch(run: Run) -> None:
    if run.cancel_requested_at is not None:
        finish.cancel_unstarted(run)
    elif run.launches >= MAX_LAUNCHES:
        finish.give_up(run, reasons.NEVER_STARTED(tries=run.launches))
    elif Run.objects.move(
        run.pk,
        expect=RunStatus.STARTING,
        to=RunStatus.QUEUED,
        reason=reasons.WAITS_FOR_WORKER(),
        where_launches=run.launches,
    ):
        logger.warning("queued again run=%s launches=%s", run.pk, run.launches)


def _age_s(epoch_s: float) -> float:
    """Return how long ago a time is, in seconds; one in the future predates a clock set back."""
    return abs(timezone.now().timestamp() - epoch_s)
