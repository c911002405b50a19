"""Brings rows in line with run folders; alone enough if every message were lost.

Everything here may be repeated at any time, by any process of the machine the runs are on.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum

from django.conf import settings
from django.db import Error as DatabaseError
from django.utils import timezone

from registry_app.models import Experiment
from runs_app.choices import Notice, RunStatus, StatusReason
from runs_app.exceptions import RunnerError
from runs_app.executors import local, notices
from runs_app.lifecycle import due, finish, imports, launch, retention
from runs_app.lifecycle.cancel import cancel
from runs_app.models import Run
from runs_app.queue import hosts, leases
from runs_app.records import log_size
from runs_app.runner.folder import Observation, RunFolder, boot_id
from runs_app.sentences import END_OF_TERMINAL
from runs_app.system import locks, secret_values
from runs_app.tracking import outbox

logger = logging.getLogger(__name__)

# A supervisor claims its folder within a second; the rest is patience with a busy machine.
CLAIM_GRACE_S = 20
MAX_LAUNCHES = 3


class Aside(StrEnum):
    """Work that may take long, by the command that does it in a process of its own."""

    FINISH = "finish_runs"
    SEND = "send_run"
    SCAN = "scan_jobs"
    IMPORT = "import_jobs"
    FOLLOW = "follow_runs"
    PRUNE = "prune"


def tick(host: str) -> None:
    """Look at every active run of `host`, then do here and now whatever is due."""
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
    this is one query, and seldom the sign of life.
    """
    found = due.look(host, patience_s=patience_s, worker_started_at=worker_started_at)
    if found is None or found.beat:
        hosts.beat(host, worker_started_at=worker_started_at)
    if found is None:
        found = due.look(host, patience_s=patience_s) or due.Due()
    _act(host, found, thorough=found.beat)
    return found


def finish_ended(host: str) -> list[int]:
    """Collect and close the ended runs of `host`; return the ids of those closed here."""
    pks = list(due.ended(host).values_list("pk", flat=True))
    return [pk for pk in pks if _each(finish.finish, pk)]


def asides(found: due.Due) -> list[Aside]:
    """Return the long work among what is due."""
    wanted = {
        Aside.FINISH: found.finish,
        Aside.SEND: found.send,
        Aside.SCAN: found.scan,
        Aside.IMPORT: found.import_,
        Aside.FOLLOW: found.follow,
        Aside.PRUNE: retention.is_due(),
    }
    return [aside for aside, is_due in wanted.items() if is_due]


def _act(host: str, found: due.Due, *, thorough: bool) -> None:
    """Do the quick part of what is due; lost runs are looked at only with `thorough`."""
    watched = [due.observed(host)] if found.observe else []
    if found.watch_lost and thorough:
        watched.append(due.lost(host))
    for pk in [pk for runs in watched for pk in runs.values_list("pk", flat=True)]:
        _each(observe, pk)
    if found.cancel_abandoned:
        _cancel_abandoned(host)
    if found.release:
        leases.release_ended(host)
    if thorough:
        imports.tidy()
        sweep_secrets()


def sweep_secrets() -> None:
    """Remove secret values that belong to no run which is still to end."""
    if not (left := secret_values.orphans()):
        return
    active = {str(key) for key in Run.objects.active().values_list("uuid", flat=True)}
    for name in left:
        if name not in active:
            secret_values.remove_file(name)


def observe(run_pk: int) -> None:
    """Bring the row of one run in line with its folder."""
    run = Run.objects.get(pk=run_pk)
    if run.host != settings.GUARDIANFLOW_HOST or run.status not in {*due.OBSERVED, RunStatus.LOST}:
        return
    folder = local.folder_of(run)
    seen = local.observe(folder)
    if seen is Observation.ENDED:
        finish.begin(run)
    elif run.status == RunStatus.LOST:
        return
    elif seen is Observation.ALIVE:
        _alive(run, folder)
    elif seen is Observation.UNCLAIMED:
        _unclaimed(run, folder)
    else:
        if seen is Observation.DEAD:
            if local.is_supervised_elsewhere(folder):
                return  # what runs belongs to the portal that this one is a copy of
            local.end_leftovers(run)
        # Its supervisor may have come and gone before anybody looked.
        _note_start(run, folder)
        run.refresh_from_db()
        finish.begin(run)


def settle(experiment: Experiment) -> None:
    """Observe and close the runs that use a directory on this machine, whoever started them."""
    runs = Run.objects.on_host(settings.GUARDIANFLOW_HOST).filter(experiment=experiment)
    for pk in runs.values_list("pk", flat=True):
        observe(pk)
        finish.finish(pk)


def _each(act: Callable[[int], object], run_pk: int) -> bool:
    """Do one thing with one run; what is wrong with its folder must not stop the others."""
    try:
        return bool(act(run_pk))
    except (OSError, RunnerError) as error:
        logger.warning("left for the next tick run=%s error=%s", run_pk, error)
    except DatabaseError:
        raise
    except Exception:
        logger.exception("left for the next tick run=%s", run_pk)
    return False


def _alive(run: Run, folder: RunFolder) -> None:
    _note_start(run, folder)
    log_size.watch(run, folder)
    if folder.was_restored():
        notices.add(run.pk, Notice.FOLDER_RESTORED, instead_of=Notice.FOLDER_DELETED)
    if run.cancel_requested_at is not None:
        local.forward_cancel(run)


def _note_start(run: Run, folder: RunFolder) -> None:
    """Let the row say that the script is running, where the folder says that it was started."""
    if run.status == RunStatus.STARTING and (started_at := folder.started_at()) is not None:
        Run.objects.move(
            run.pk,
            expect=RunStatus.STARTING,
            to=RunStatus.RUNNING,
            reason=StatusReason.RUNNING,
            reason_values={"host": run.host},
            started_at=datetime.fromtimestamp(started_at, UTC),
        )


def _unclaimed(run: Run, folder: RunFolder) -> None:
    """No supervisor has claimed the folder: make sure that none ever will, then decide."""
    if run.status == RunStatus.RUNNING:
        _without_folder(run)
        return
    if not folder.path.is_dir():
        # The launcher makes the folder right after its claim; give it that moment.
        is_late = _age_s(run.status_changed_at.timestamp()) > CLAIM_GRACE_S
        if is_late and not local.is_left_alive(run):
            _after_failed_launch(run)
        return
    with locks.hold(folder.path / launch.LAUNCH_LOCK) as launcher_is_gone:
        if not launcher_is_gone or not _waited_enough(run, folder) or not folder.fence():
            return
        os.replace(folder.path, folder.path.with_name(f"{folder.path.name}.{run.launches}"))
    _after_failed_launch(run)


def _without_folder(run: Run) -> None:
    """Somebody deleted the folder of a running script; its supervisor makes it anew at once.

    One that cannot leaves nobody to tell how the script ended, and cannot read a wish to stop.
    """
    if not settings.RUNS_DIR.is_dir():  # the disk is away, and may come back
        return
    is_alive = local.is_left_alive(run)
    if notices.add(run.pk, Notice.FOLDER_DELETED):
        run.refresh_from_db(fields=["notices"])
    if not is_alive:
        finish.begin(run)
    elif run.cancel_requested_at and _age_s(run.cancel_requested_at.timestamp()) > CLAIM_GRACE_S:
        local.end_leftovers(run)


def _waited_enough(run: Run, folder: RunFolder) -> bool:
    """Whether a supervisor that was spawned would have claimed its folder by now."""
    try:
        spawned_at = folder.spec_path.stat().st_mtime
    except FileNotFoundError:
        spawned_at = run.status_changed_at.timestamp()
    return _age_s(spawned_at) > CLAIM_GRACE_S or run.boot_id != boot_id()


def _after_failed_launch(run: Run) -> None:
    if run.cancel_requested_at is not None:
        finish.cancel_unstarted(run)
    elif run.launches >= MAX_LAUNCHES:
        finish.give_up(run, StatusReason.NEVER_STARTED, tries=run.launches)
    elif Run.objects.move(
        run.pk,
        expect=RunStatus.STARTING,
        to=RunStatus.QUEUED,
        reason=StatusReason.WAITS_FOR_WORKER,
        where_launches=run.launches,
    ):
        logger.warning("queued again run=%s launches=%s", run.pk, run.launches)


def _cancel_abandoned(host: str) -> None:
    """Cancel queued foreground runs whose terminal is gone: nobody else would start them."""
    for run in due.abandoned(host):
        with locks.hold(hosts.foreground_lock(run)) as abandoned:
            if abandoned:
                cancel(run, user=None, by=END_OF_TERMINAL)


def _age_s(epoch_s: float) -> float:
    """Return how long ago that was; what lies in the future was before the clock was set back."""
    return abs(timezone.now().timestamp() - epoch_s)
