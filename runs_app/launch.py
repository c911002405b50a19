"""Starts queued runs: one conditional update takes a run, then the supervisor is spawned.

1. The run waits while another uses its directory, or while this machine has no free slot.
2. Preflight once more; a run that can no longer start ends as errored with the reason.
3. QUEUED -> STARTING; a database constraint refuses a second run in the directory.
4. Manifest of the directory, then spec, then spawn. A launcher that dies in between leaves a run
   in STARTING that nobody works on; `reconcile` fences its folder and queues it again.
"""

from __future__ import annotations

import logging
import uuid
from pathlib import Path

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from runs_app import admission, capture, executor, finish, hosts, launch_record, locks, preflight
from runs_app.choices import RunStatus, StatusReason
from runs_app.exceptions import RunnerError
from runs_app.models import Run
from runs_app.runner.folder import RunFolder, Spec, boot_id
from runs_app.runner.process import script_environment
from runs_app.runner.snapshot import take

logger = logging.getLogger(__name__)

MIB = 2**20
LAUNCH_LOCK = "launch.lock"


def start(run_pk: int, *, host: str, foreground: bool = False) -> bool:
    """Start one queued run on `host` now, if it may; return whether this call started it.

    A run that must wait stays queued and its reason says for what. A foreground run takes a slot
    but never waits for one: a person at a terminal asked for it now.
    """
    run = Run.objects.select_related("experiment").filter(pk=run_pk, foreground=foreground).first()
    if run is None or run.status != RunStatus.QUEUED:
        return False
    if admission.must_wait(run, host=host):
        return False
    try:
        _check(run)
    except RunnerError as error:
        _refuse(run, error)
        return False
    if not _claim(run, host=host):
        return False
    run.refresh_from_db()
    logger.info("starting run=%s experiment=%s host=%s", run.pk, run.experiment, host)
    return _launch(run)


def start_next(host: str) -> list[int]:
    """Start the queued runs that may start on `host`, in order; return the ids of those started."""
    started: list[int] = []
    tried: list[int] = []
    while admission.has_slot(host):
        run_pk = admission.next_ready(but=tried)
        if run_pk is None:
            break
        tried.append(run_pk)
        if _start_unless_broken(run_pk, host=host):
            started.append(run_pk)
    admission.note_waits(host)
    capture.capture_started(started)
    return started


def _start_unless_broken(run_pk: int, *, host: str) -> bool:
    """Start a run as `start` does; one that cannot even be looked at holds up no other."""
    try:
        return start(run_pk, host=host)
    except DatabaseError:
        raise
    except Exception:
        logger.exception("left queued run=%s", run_pk)
        return False


def _check(run: Run) -> None:
    directory = preflight.usable_directory(run.experiment)
    preflight.usable_script(directory, run.script, known=())
    preflight.usable_interpreter(Path(run.interpreter))


def _refuse(run: Run, error: RunnerError) -> None:
    Run.objects.move(
        run.pk,
        expect=RunStatus.QUEUED,
        to=RunStatus.ERRORED,
        reason=StatusReason.REFUSED,
        reason_values={"error": str(error)},
        outcome=RunStatus.ERRORED,
        finished_at=timezone.now(),
    )
    logger.warning("refused before the start run=%s error=%s", run.pk, error)


def _claim(run: Run, *, host: str) -> bool:
    """QUEUED -> STARTING; slots are counted in the transaction that takes one."""
    try:
        with transaction.atomic():
            hosts.lock_slots(host)
            if not run.foreground and not admission.has_slot(host):
                return False
            return Run.objects.move(
                run.pk,
                expect=RunStatus.QUEUED,
                to=RunStatus.STARTING,
                reason=StatusReason.STARTING,
                reason_values={"host": host},
                host=host,
                boot_id=boot_id(),
                launches=F("launches") + 1,
            )
    except IntegrityError:
        blocker = admission.blocking(run)
        if blocker is not None:
            admission.wait_for_run(run.pk, blocker)
        return False


def _launch(run: Run) -> bool:
    """Spawn the supervisor of a run that was claimed; a run for which that fails has ended."""
    try:
        _spawn(run)
    except (RunnerError, OSError) as error:
        if not _is_fenced(executor.folder_of(run)):
            return True
        logger.warning("launch failed run=%s error=%s", run.pk, error)
        finish.give_up(run, StatusReason.LAUNCH_FAILED, error=str(error))
        return False
    return True


def _spawn(run: Run) -> None:
    """Fill the run folder and spawn the supervisor; nothing is spawned if this raises."""
    folder = executor.folder_of(run)
    folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locks.hold(folder.path / LAUNCH_LOCK) as ours:
        if not ours:
            return
        take(Path(run.cwd)).save(folder.manifest_before)
        launch_record.write(run, folder.path)
        executor.submit(folder, _spec(run), _environment(run, folder))


def _is_fenced(folder: RunFolder) -> bool:
    """Make sure that no supervisor starts late; False where one has started after all."""
    try:
        return folder.fence()
    except OSError:  # no folder, or no room in it: nothing can claim it either
        return True


def _spec(run: Run) -> Spec:
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
        notify_socket=str(socket) if socket else None,
    )


def _environment(run: Run, folder: RunFolder) -> dict[str, str]:
    return script_environment(
        executor.base_environment(),
        interpreter=Path(run.interpreter),
        cwd=Path(run.cwd),
        run_id=str(run.uuid),
        folder=folder,
        context_tags={"guardianflow.parent_run": str(run.uuid)},
    )
