"""Syncs rows with run folders; sufficient even if every message is lost.

Everything here may be repeated at any time, by any process on the machine of the runs.
"""

from __future__ import annotations

import logging
from datetime import datetime
from enum import StrEnum
from functools import partial

from runs_app.executors.base import folder_of
from runs_app.executors.chosen import is_ours
from runs_app.lifecycle import due, finish, imports, launch, observing, retention
from runs_app.lifecycle.cancel import cancel
from runs_app.lifecycle.take_up import take_up_started
from runs_app.models import Run
from runs_app.queue import hosts, leases
from runs_app.runner import handover
from runs_app.stages import notes as stages
from runs_app.system import locks, secret_values
from runs_app.texts.people import END_OF_TERMINAL
from runs_app.tracking import outbox

logger = logging.getLogger(__name__)


class BackgroundJob(StrEnum):
    """A background job: long work, named by the command that does it in its own process."""

    FINISH = "finish_runs"
    SEND = "send_runs"
    SCAN = "scan_jobs"
    IMPORT = "import_jobs"
    FOLLOW = "follow_runs"
    PRUNE = "prune"
    SUMMARISE = "summarise_runs"
    PARITY = "advance_parities"
    PROMOTE = "promotion_jobs"
    SETS = "move_sets"
    SCHEDULES = "run_schedules"


def tick(host: str) -> None:
    """Observe every active run of `host`, then do whatever is due in this process."""
    hosts.beat(host)
    found = due.look(host) or due.Due()
    _act(host, found, thorough=True)
    if found.start:
        launch.start_next(host)
    finish_ended(host)
    outbox.send_due()


def look(host: str, *, worker_started_at: datetime | None = None, patience_s: float = 0) -> due.Due:
    """Observe the active runs of `host`; quick, collects and sends nothing.

    Returns what else is due and has waited for longer than `patience_s`. On an idle machine
    this is one query, plus a heartbeat now and then.
    """
    found = due.look(host, patience_s=patience_s, worker_started_at=worker_started_at)
    if found is None or found.beat:
        hosts.beat(host, worker_started_at=worker_started_at)
    if found is None:
        found = due.look(host, patience_s=patience_s) or due.Due()
    _act(host, found, thorough=found.beat)
    return found


def finish_ended(host: str) -> list[int]:
    """Collect and close the ended runs of `host`; return the ids of those closed here.

    What could not be collected of earlier runs is tried again.
    """
    pks = list(due.ended(host).values_list("pk", flat=True))
    closed = [pk for pk in pks if observing.deferring_errors(finish.finish, pk)]
    for pk in list(due.uncollected(host).values_list("pk", flat=True)):
        observing.deferring_errors(finish.collect_again, pk)
    return closed


def background_jobs(found: due.Due) -> list[BackgroundJob]:
    """Return the background jobs among what is due."""
    wanted = {
        BackgroundJob.FINISH: found.finish or found.collect,
        BackgroundJob.SEND: found.send,
        BackgroundJob.SCAN: found.scan,
        BackgroundJob.IMPORT: found.import_,
        BackgroundJob.FOLLOW: found.follow,
        BackgroundJob.PRUNE: retention.is_due(),
        BackgroundJob.SUMMARISE: found.summarise or found.renew,
        BackgroundJob.PARITY: found.parity,
        BackgroundJob.PROMOTE: found.promote or found.integrated or found.standard,
        BackgroundJob.SETS: found.move_sets,
        BackgroundJob.SCHEDULES: found.schedules,
    }
    return [aside for aside, is_due in wanted.items() if is_due]


def _act(host: str, found: due.Due, *, thorough: bool) -> None:
    """Do the quick part of what is due; check lost runs only if `thorough`."""
    if found.observe:
        observing.observe_all(Run.objects.observed(host))
    if found.watch_lost and thorough:
        for pk in due.lost(host).values_list("pk", flat=True):
            observing.deferring_errors(observing.observe, pk)
    if found.start or found.cancel_abandoned:
        take_up_started(host)
    if found.cancel_abandoned:
        _cancel_abandoned(host)
    if found.finish:
        _keep_directories(host)
    if found.release:
        leases.release_ended(host)
    if thorough:
        imports.tidy()
        sweep_secrets()
        stages.note_changes()


def _keep_directories(host: str) -> None:
    """Keep other portals out of the directories of ended runs until these are collected.

    That may begin late: after a long collection of another run, or once the script user is back.
    """
    for run in filter(is_ours, due.ended(host)):
        observing.deferring_errors(partial(_keep_directory, run=run), run.pk)


def _keep_directory(_run_pk: int, *, run: Run) -> None:
    handover.keep_on(folder_of(run))


def sweep_secrets() -> None:
    """Remove secret values that belong to no unfinished run."""
    if not (left := secret_values.orphans()):
        return
    active = {str(key) for key in Run.objects.active().values_list("uuid", flat=True)}
    for name in left:
        if name not in active:
            secret_values.remove_file(name)


def _cancel_abandoned(host: str) -> None:
    """Cancel queued foreground runs whose terminal is gone: no other process starts them."""
    for run in due.abandoned(host):
        observing.deferring_errors(partial(_cancel_if_abandoned, run=run), run.pk)


def _cancel_if_abandoned(_run_pk: int, *, run: Run) -> None:
    with locks.hold(hosts.foreground_lock(run)) as abandoned:
        if abandoned:
            cancel(run, user=None, by=END_OF_TERMINAL)
