"""Starts queued runs: one conditional update takes a run, then the supervisor is spawned.

1. The run waits while another uses its directory, or while no slot and no GPUs are free for it.
2. Preflight once more; a run that can no longer start ends as errored with the reason.
3. QUEUED -> STARTING, and its GPUs are taken; database constraints refuse a second run in the
   directory, and on a GPU.
4. Manifest of the directory, then spec, then spawn. A launcher that dies in between leaves a run
   in STARTING that nobody works on; `reconcile` fences its folder and queues it again.
"""

from __future__ import annotations

import logging
import uuid
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from registry_app.files import disk_full
from runs_app.choices import RunStatus, StatusReason
from runs_app.exceptions import RefusedError, RunnerError
from runs_app.executors import fencing, local, script_user
from runs_app.lifecycle import finish
from runs_app.models import Run
from runs_app.preflight import directory as preflight
from runs_app.preflight import interpreter as preflight_interpreter
from runs_app.preflight import modules, script_kinds
from runs_app.queue import admission, hosts, leases
from runs_app.queue.scheduling import Start, Wait
from runs_app.records import capture, launch
from runs_app.runner.command.launcher import is_notebook
from runs_app.runner.folder import RunFolder, Spec, boot_id
from runs_app.runner.interpreter import notebook_child
from runs_app.runner.outputs.snapshot import take
from runs_app.runner.process import script_environment
from runs_app.system import locks, secret_values

logger = logging.getLogger(__name__)

MIB = 2**20
LAUNCH_LOCK = "launch.lock"


def start(run_pk: int, *, host: str, foreground: bool = False) -> bool:
    """Start one queued run on `host` now, if it may; return whether this call started it.

    A run that must wait stays queued and its reason says for what. A foreground run takes a slot
    but never waits for one: a person at a terminal asked for it now.
    """
    run = _queued(run_pk, foreground=foreground)
    if run is None:
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
        outlook = admission.outlook(host)
        starts = outlook.starts(host, but=tried)
        if not starts:
            break
        for decision in starts:
            tried.add(decision.run)
            if _start_unless_broken(decision, held):
                started.append(decision.run)
    admission.note(held.get(wait.run, wait) for wait in outlook.waits())
    capture.capture_started(started)
    return started


def _queued(run_pk: int, *, foreground: bool) -> Run | None:
    runs = Run.objects.select_related("experiment")
    return runs.filter(pk=run_pk, foreground=foreground, status=RunStatus.QUEUED).first()


def _start(run: Run, decision: Start) -> bool:
    """Start a run as was decided; it may have changed since, or be refused."""
    try:
        _check(run)
    except RunnerError as error:
        _refuse(run, error)
        return False
    if not _claim(run, decision):
        return False
    run.refresh_from_db()
    logger.info("starting run=%s experiment=%s host=%s", run.pk, run.experiment, run.host)
    return _launch(run)


def _start_unless_broken(decision: Start, held: dict[int, Wait]) -> bool:
    """Start a run as was decided; one that cannot even be looked at holds up no other.

    One that waits for this machine's disk, or for the user of scripts, is put into `held`.
    """
    try:
        run = _queued(decision.run, foreground=False)
        if run is None:
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
    """Return what of this machine the run waits for beside slots and GPUs; None for nothing."""
    return _wait_for_room(run, host) or _wait_for_user(run, host)


def _wait_for_user(run: Run, host: str) -> Wait | None:
    """Return the wait for the user of scripts; None where it can be reached or is not needed."""
    values = script_user.unreachable()
    if not values:
        return None
    return Wait(run=run.pk, reason=StatusReason.WAITS_FOR_USER, values={"host": host, **values})


def _wait_for_room(run: Run, host: str) -> Wait | None:
    """Return the wait for room on the disk, which somebody may make; None where there is some."""
    folder = None if run.forced else preflight.full_folder()
    if folder is None:
        return None
    values = {"host": host, "path": str(folder), "mib": settings.GUARDIANFLOW_MIN_FREE_MIB}
    return Wait(run=run.pk, reason=StatusReason.WAITS_FOR_DISK, values=values)


def _check(run: Run) -> None:
    _check_secrets(run)
    directory = preflight.usable_directory(run.experiment)
    preflight.same_directory(run, directory)
    preflight.check_place(run.cwd)
    script = preflight.usable_script(directory, run.script, known=())
    interpreter = Path(run.interpreter)
    preflight.usable_interpreter(interpreter)
    if not preflight_interpreter.check(interpreter, forced=run.forced):
        modules.check(directory, script, interpreter, forced=run.forced)
    script_kinds.usable_kind(run.script)
    script_kinds.usable_jupyter(run.script, interpreter)


def _check_secrets(run: Run) -> None:
    """Refuse a run whose secret values are away: after a restore, or on a machine of its own."""
    if run.secrets and not secret_values.path_of(run.uuid).is_file():
        raise RefusedError(
            _(
                "The secret values of this run are not on {host}: no backup holds them. Queue it "
                "again and give them."
            ).format(host=settings.GUARDIANFLOW_HOST)
        )


def _refuse(run: Run, error: RunnerError) -> None:
    Run.objects.move(
        run.pk,
        expect=RunStatus.QUEUED,
        to=RunStatus.ERRORED,
        reason=StatusReason.REFUSED,
        reason_values={"error": str(error), "told": _told_in_all_languages(run)},
        outcome=RunStatus.ERRORED,
        finished_at=timezone.now(),
    )
    logger.warning("refused before the start run=%s error=%s", run.pk, error)


def _told_in_all_languages(run: Run) -> dict[str, str]:
    """Return the refusal by language: a worker does not know who is going to read it."""
    told: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            try:
                _check(run)
            except RunnerError as error:
                told[language] = str(error)
    return told


def _claim(run: Run, decision: Start) -> bool:
    """QUEUED -> STARTING; slots are counted in the transaction that takes one, with the GPUs."""
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
                reason=StatusReason.STARTING,
                reason_values={"host": host},
                host=host,
                boot_id=boot_id(),
                launches=F("launches") + 1,
            ):
                return False
            leases.take(run, host, decision.devices)
            return True
    except IntegrityError:  # another machine's run has the directory, or somebody took a GPU
        return False


def _launch(run: Run) -> bool:
    """Spawn the supervisor of a run that was claimed; a run for which that fails has ended."""
    try:
        _spawn(run)
    except (RunnerError, OSError) as error:
        if not _is_fenced(local.folder_of(run)):
            return True
        reason = disk_full.explained(error, str(error))
        logger.warning("launch failed run=%s error=%s", run.pk, reason)
        finish.give_up(run, StatusReason.LAUNCH_FAILED, error=reason)
        return False
    return True


def _spawn(run: Run) -> None:
    """Fill the run folder and spawn the supervisor; nothing is spawned if this raises."""
    folder = local.folder_of(run)
    folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locks.hold(folder.path / LAUNCH_LOCK) as ours:
        if not ours:
            return
        take(Path(run.cwd)).save(folder.manifest_before)
        environment = _environment(run, folder)
        launch.write(run, folder.path, environment)
        local.submit(folder, _spec(run, folder), environment)


def _is_fenced(folder: RunFolder) -> bool:
    """Make sure that no supervisor starts late; False where one has started after all."""
    try:
        return folder.fence()
    except OSError:  # no folder, or no room in it: nothing can claim it either
        return True


def _spec(run: Run, folder: RunFolder) -> Spec:
    socket = hosts.notify_socket()
    return Spec(
        run=str(run.uuid),
        token=uuid.uuid4().hex,
        argv=tuple(run.argv),
        cwd=run.cwd,
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
        local.base_environment(),
        interpreter=Path(run.interpreter),
        cwd=Path(run.cwd),
        run_id=str(run.uuid),
        folder=folder,
        context_tags={"guardianflow.parent_run": str(run.uuid)},
    )
    if is_notebook(run.script):
        environment[notebook_child.OUTPUT] = str(folder.notebook_output)
    return environment | _gpus_to_see(run)


def _gpus_to_see(run: Run) -> dict[str, str]:
    """Return the variables by which CUDA shows a script its own GPUs, and no others.

    By index, which more programs can read than a UUID, in the order that nvidia-smi and NVML
    count in. Where the entry point wants no GPU the script sees none; where nobody said so and
    there is none to give, it sees what it would see without the portal.
    """
    given = run.gpu_leases.filter(released_at__isnull=True).order_by("index")
    indexes = [str(index) for index in given.values_list("index", flat=True)]
    if indexes:
        return {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", "CUDA_VISIBLE_DEVICES": ",".join(indexes)}
    return {"CUDA_VISIBLE_DEVICES": ""} if run.gpus == 0 else {}
