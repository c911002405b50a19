"""Starts queued runs: one conditional update claims a run, then its executor gets it.

1. The run waits while another uses its directory, or while no slot and no GPUs are free for it.
2. Preflight once more; a run that can no longer start ends as errored with the reason.
3. Lock the directory against other portals. QUEUED -> STARTING, and its GPUs are leased; database
   constraints refuse a second run in the directory, and on a GPU.
4. Manifest of the directory, then spec, then submit. A launcher that dies in between leaves a run
   in STARTING that no executor has; `reconcile` fences its folder and queues it again.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from registry_app.files import disk_full
from registry_app.files.core_scripts import is_core
from registry_app.messages import message_of
from registry_app.results.file_names import may_hold_results
from runs_app.choices import RunStatus
from runs_app.exceptions import RefusedError, RunnerError
from runs_app.executors import fencing, script_user
from runs_app.executors.base import ExecutorAwayError, Submission, folder_of
from runs_app.executors.chosen import executor
from runs_app.lifecycle import handed, inputs
from runs_app.lifecycle.take_up import take_up
from runs_app.models import Run
from runs_app.models.moments import reason_to_wait
from runs_app.preflight import directory as preflight
from runs_app.preflight import interpreter as preflight_interpreter
from runs_app.preflight import modules, script_kinds
from runs_app.queue import admission, directories, hosts, leases, sockets
from runs_app.queue.directories import DirectoryLock
from runs_app.queue.scheduling import Start, Wait
from runs_app.records import capture, launch
from runs_app.runner.command.launcher import is_notebook
from runs_app.runner.environment import script_environment
from runs_app.runner.folder import RunFolder
from runs_app.runner.folder_records import Spec
from runs_app.runner.interpreter import conda, notebook_child
from runs_app.runner.outputs import before, links
from runs_app.runner.outputs.snapshot import take
from runs_app.system import locks, secret_values
from runs_app.texts import reasons, refusals
from runs_app.trainers import core

logger = logging.getLogger(__name__)

MIB = 2**20
LAUNCH_LOCK = "launch.lock"


def start(run_pk: int, *, host: str, foreground: bool = False) -> bool:
    """Start one queued run on `host` now, if it may; return whether this call started it.

    A run that must wait stays queued and its reason says for what. A foreground run takes a slot
    but never waits for one: a user at a terminal asked for it now.
    """
    run = _queued(run_pk, foreground=foreground)
    if run is None or take_up(run):
        return False
    leases.release_ended(host)
    decision = admission.decide_alone(run, host=host)
    if isinstance(decision, Start):
        decision = _must_wait(run, host) or decision
    if isinstance(decision, Wait):
        admission.note([decision])
        return False
    return _start(run, decision)


def start_next(host: str) -> list[int]:
    """Start the queued runs that may start on `host`, in order; return the ids of those started."""
    started: list[int] = []
    tried: set[int] = set()
    held: dict[int, Wait] = {}
    leases.release_ended(host)
    while True:
        snapshot = admission.snapshot(host)
        starts = snapshot.starts(host, but=tried)
        if not starts:
            break
        for decision in starts:
            tried.add(decision.run)
            if _start_unless_broken(decision, held):
                started.append(decision.run)
    admission.note(held.get(wait.run, wait) for wait in snapshot.waits())
    capture.capture_started(started)
    return started


def _queued(run_pk: int, *, foreground: bool) -> Run | None:
    runs = Run.objects.select_related("experiment")
    return runs.filter(pk=run_pk, foreground=foreground, status=RunStatus.QUEUED).first()


def _start(run: Run, decision: Start) -> bool:
    """Start a run as decided; it may have changed since, or be refused."""
    try:
        _check(run)
    except RunnerError as error:
        _refuse(run, error)
        return False
    with directories.locked(run, decision.host) as lock:
        if lock is None or not _claim(run, decision):
            return False
        run.refresh_from_db()
        logger.info("starting run=%s experiment=%s host=%s", run.pk, run.experiment, run.host)
        return _launch(run, lock)


def _start_unless_broken(decision: Start, held: dict[int, Wait]) -> bool:
    """Start a run as decided; a run that cannot even be checked does not block the others.

    A run that waits for this machine's disk, or for the script user, is added to `held`.
    """
    try:
        run = _queued(decision.run, foreground=False)
        if run is None or take_up(run):
            return False
        wait = _must_wait(run, decision.host)
        if wait is not None:
            held[run.pk] = wait
            return False
        return _start(run, decision)
    except DatabaseError:
        raise
    except Exception:
        logger.exception("left queued run=%s", decision.run)
        return False


def _must_wait(run: Run, host: str) -> Wait | None:
    """Return what else the run waits for on this machine, besides slots and GPUs, or None."""
    return (
        _wait_for_time(run)
        or _wait_for_space(run, host)
        or _wait_for_user(run, host)
        or directories.wait_for_other_portal(run, host)
    )


def _wait_for_time(run: Run) -> Wait | None:
    """Return the wait for the run's time, which may have been changed since it was decided."""
    reason = reason_to_wait(run.not_before)
    return None if reason is None else Wait(run=run.pk, reason=reason)


def _wait_for_user(run: Run, host: str) -> Wait | None:
    """Return the wait for the script user; None if that user is reachable or not needed."""
    values = script_user.unreachable()
    if not values:
        return None
    return Wait(run=run.pk, reason=reasons.WAITS_FOR_USER(host=host, **values))


def _wait_for_space(run: Run, host: str) -> Wait | None:
    """Return the wait for free disk space, which a user may free up; None if there is enough."""
    folder = None if run.forced else preflight.full_folder()
    if folder is None:
        return None
    mib = settings.GUARDIANFLOW_MIN_FREE_MIB
    return Wait(run=run.pk, reason=reasons.WAITS_FOR_DISK(host=host, path=folder, mib=mib))


def _check(run: Run) -> None:
    _check_secrets(run)
    directory = preflight.usable_directory(run.experiment)
    preflight.same_directory(run, directory)
    preflight.check_place(run.cwd)
    is_trainer = is_core(run.script)
    script = "" if is_trainer else preflight.usable_script(directory, run.script, known=())
    if is_trainer:
        core.check_started(run)
        file = core.started_file(run)
        script = core.wrapped_script(file, directory, run.working_directory)
    preflight.usable_folder(directory, run.working_directory)
    preflight.check_variables(run.environment)
    interpreter = Path(run.interpreter)
    preflight.usable_interpreter(interpreter)
    warnings = preflight_interpreter.check(interpreter, forced=run.forced)
    if not warnings:
        modules.check(directory, script, interpreter, forced=run.forced)
    script_kinds.usable_kind(run.script)
    script_kinds.usable_jupyter(run.script, interpreter)


def _check_secrets(run: Run) -> None:
    """Refuse a run whose secret values are missing: after a restore, or on another machine."""
    if run.secrets and not secret_values.path_of(run.uuid).is_file():
        raise RefusedError(refusals.SECRETS_NOT_HERE(host=executor().place))


def _refuse(run: Run, error: RunnerError) -> None:
    Run.objects.move(
        run.pk,
        expect=RunStatus.QUEUED,
        to=RunStatus.ERRORED,
        reason=reasons.REFUSED(error=message_of(error)),
        outcome=RunStatus.ERRORED,
        finished_at=timezone.now(),
    )
    logger.warning("refused before the start run=%s error=%s", run.pk, error)


def _claim(run: Run, decision: Start) -> bool:
    """QUEUED -> STARTING; slots and GPUs are counted in the same transaction that claims them."""
    host = decision.host
    try:
        with transaction.atomic():
            is_drained = hosts.lock_slots(host)
            if not run.foreground and (is_drained or not admission.has_slot(host)):
                return False
            if not Run.objects.move(
                run.pk,
                expect=RunStatus.QUEUED,
                to=RunStatus.STARTING,
                reason=reasons.STARTING(host=host),
                host=host,
                boot_id=executor().boot_id,
                launches=F("launches") + 1,
                where_not_before=run.not_before,
            ):
                return False
            leases.take(run, host, decision.devices)
            return True
    except IntegrityError:  # another run took the directory or a GPU
        return False


def _launch(run: Run, lock: DirectoryLock) -> bool:
    """Submit a claimed run; if that fails, end it, and if it must wait after all, queue it."""
    try:
        if not _submit(run, lock):
            _queue_again(run)
            return False
    except ExecutorAwayError as error:
        # It may have been accepted: `reconcile` looks for it by its submission.
        logger.warning("submitted without an answer run=%s error=%s", run.pk, error)
    except (RunnerError, OSError) as error:
        if not _is_fenced(folder_of(run)):
            return True
        reason = disk_full.explained(error, message_of(error))
        logger.warning("launch failed run=%s error=%s", run.pk, reason)
        # Loading it takes longer than a launch, and a terminal loads it while the script runs.
        from runs_app.lifecycle import finish

        finish.give_up(run, reasons.LAUNCH_FAILED(error=reason))
        return False
    return True


def _queue_again(run: Run) -> None:
    """STARTING -> QUEUED for a run that another portal came before; that was no failed try.

    One that was cancelled meanwhile stays, and `reconcile` ends it.
    """
    Run.objects.move(
        run.pk,
        expect=RunStatus.STARTING,
        to=RunStatus.QUEUED,
        reason=reasons.WAITS_FOR_PORTAL(host=run.host),
        launches=F("launches") - 1,
        where_launches=run.launches,
        where_cancel_requested_at=None,
    )


def _submit(run: Run, lock: DirectoryLock) -> bool:
    """Fill the run folder and submit the run; return False if it must wait for another portal.

    Nothing was started if this raises.
    """
    folder = folder_of(run)
    folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locks.hold(folder.path / LAUNCH_LOCK) as ours:
        if not ours:  # another launcher has the run
            return True
        links.allow(settings.GUARDIANFLOW_ROOTS)
        manifest = take(Path(run.cwd))
        manifest.save(folder.manifest_before)
        before.keep(Path(run.cwd), manifest, folder.path, is_wanted=may_hold_results)
        checked = handed.give(run, folder)
        inputs.note(run)
        environment = _environment(run, folder)
        launch.write(run, folder.path, environment)
        with directories.still_locked(run, lock) as held:
            if held is None:
                logger.warning("not started beside another portal run=%s", run.pk)
                return False
            spec, environment = script_user.started_as(
                _spec(run, folder, checked, held), environment
            )
            folder.create(spec)
            executor().submit(
                Submission(
                    id=run.submission,
                    folder=folder,
                    environment=environment,
                    gpus=run.gpus,
                    directory_lock=held.descriptor,
                )
            )
    return True


def _is_fenced(folder: RunFolder) -> bool:
    """Make sure that no supervisor starts late; return False if one has started already."""
    try:
        return folder.fence()
    except OSError:  # no folder or no free space: no supervisor can claim it either
        return True


def _spec(run: Run, folder: RunFolder, checked: Mapping[str, str], lock: DirectoryLock) -> Spec:
    socket = sockets.path_of(sockets.Listener.TICKER)
    return Spec(
        run=str(run.uuid),
        token=uuid.uuid4().hex,
        argv=tuple(run.argv),
        before=conda.words_before(Path(run.interpreter), own=run.environment),
        cwd=str(run.start_directory),
        directory=run.cwd,
        directory_lock=lock.mode,
        unchanged=dict(checked),
        timeout_s=run.timeout_s,
        grace_s=run.grace_s,
        log_limit_bytes=run.log_limit_mib * MIB if run.log_limit_mib else None,
        background=run.background,
        umask=settings.GUARDIANFLOW_SCRIPT_UMASK,
        notify_socket=str(socket) if socket else None,
        secrets=str(secret_values.path_of(run.uuid)) if run.secrets else None,
        fence=fencing.fence_of(run, folder),
    )


def _environment(run: Run, folder: RunFolder) -> dict[str, str]:
    environment = script_environment(
        executor().environment(gpus=run.gpus, devices=_devices(run)),
        interpreter=Path(run.interpreter),
        cwd=run.start_directory,
        own=run.environment,
        run_id=str(run.uuid),
        folder=folder,
        context_tags={"guardianflow.parent_run": str(run.uuid)},
    )
    if is_notebook(run.script):
        environment[notebook_child.OUTPUT] = str(folder.notebook_output)
    return environment


def _devices(run: Run) -> list[str]:
    """Return the UUIDs of the GPUs leased to a run, in bus order."""
    given = run.gpu_leases.filter(released_at__isnull=True).order_by("index", "pk")
    return list(given.values_list("device", flat=True))
