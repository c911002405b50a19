"""Carries runs out as supervisors on this machine; the run folder's lock shows one is alive."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from runs_app.choices import RunStatus
from runs_app.exceptions import GpuDriverError, RunnerError
from runs_app.executors import fencing
from runs_app.executors.base import DeviceKey, Health, Job, Phase, Submission, folder_of
from runs_app.executors.local import devices as local_devices
from runs_app.executors.local import gpu_memory
from runs_app.models import Run
from runs_app.runner import process
from runs_app.runner.folder import Observation, RunFolder, boot_id
from runs_app.texts.reasons import HOST_REBOOTED

logger = logging.getLogger(__name__)

# A supervisor claims its folder within a second; the rest allows for a busy machine.
CLAIM_GRACE_S = 20


class LocalExecutor:
    """This machine; only here is known which machine, which boot of it and which GPUs."""

    @property
    def place(self) -> str:
        return str(settings.GUARDIANFLOW_HOST)

    @property
    def boot_id(self) -> str:
        return boot_id()

    @property
    def slots(self) -> int:
        return int(settings.GUARDIANFLOW_SLOTS)

    def environment(
        self, *, gpus: int | None = None, devices: Sequence[str] = ()
    ) -> Mapping[str, str]:
        """Return this process's environment, without the time zone that Django sets.

        CUDA shows a script only its own GPUs, by their UUIDs: a number means another device when
        one fails or the order changes, and slices have none. If the entry point requests no GPU,
        the script sees none. If it does not say and there is none to give, the script sees what it
        would see without the portal.
        """
        environment = {name: value for name, value in os.environ.items() if name != "TZ"}
        if zone := str(settings.GUARDIANFLOW_SCRIPT_TZ):
            environment["TZ"] = zone
        if devices:
            environment["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"
            environment["CUDA_VISIBLE_DEVICES"] = ",".join(devices)
        elif gpus == 0:
            environment["CUDA_VISIBLE_DEVICES"] = ""
        return environment

    def submit(self, submission: Submission) -> None:
        process.spawn_supervisor(
            submission.folder,
            submission.environment,
            directory_lock=submission.directory_lock,
        )

    def snapshot(self, runs: Iterable[Run]) -> Mapping[str, Job]:
        return {run.submission: _job(run) for run in runs}

    def wait(self, run: Run, limit_s: float) -> bool:
        return process.wait_for_supervisor(folder_of(run), limit_s)

    def cancel(self, run: Run) -> None:
        folder = folder_of(run)
        if run.host == self.place and folder.path.is_dir():
            process.ask_to_stop(folder)

    def kill(self, run: Run) -> None:
        if found := process.end_leftovers(folder_of(run), str(run.uuid)):
            logger.warning("killed the remaining processes run=%s processes=%s", run.pk, found)

    def health(self) -> Health:
        isolation = fencing.isolation_here()
        try:
            return Health(devices=local_devices.gpus(), isolation=isolation)
        except GpuDriverError as error:
            return Health(device_error=str(error), isolation=isolation)

    def memory_held(self) -> Mapping[UUID, Mapping[DeviceKey, int]]:
        return gpu_memory.by_run()


def _job(run: Run) -> Job:
    """Observe one run; an error in its folder must not hide the others."""
    is_of_earlier_start = bool(run.boot_id) and run.boot_id != boot_id()
    reason = HOST_REBOOTED(host=run.host) if is_of_earlier_start else None
    phase = Phase.UNKNOWN
    try:
        phase = _phase(run, folder_of(run))
    except (OSError, RunnerError) as error:
        logger.warning("cannot be observed run=%s error=%s", run.pk, error)
    except Exception:
        logger.exception("cannot be observed run=%s", run.pk)
    return Job(phase=phase, reason=reason)


def _phase(run: Run, folder: RunFolder) -> Phase:
    match folder.observe(boot_id=boot_id()):
        case Observation.ALIVE:
            return Phase.RUNNING
        case Observation.UNCLAIMED:
            return _unclaimed(run, folder)
        case Observation.DEAD if process.supervisor_pid(folder):
            # No process locks this folder, so it is a copy; the original runs for another portal.
            return Phase.UNKNOWN
        case _:
            return Phase.OVER


def _unclaimed(run: Run, folder: RunFolder) -> Phase:
    """Distinguish a supervisor yet to start, one whose folder was deleted, and none at all."""
    if run.status == RunStatus.RUNNING:
        if not settings.RUNS_DIR.is_dir():  # the disk is not mounted, and may come back
            return Phase.UNKNOWN
        return Phase.RUNNING if _is_left_alive(run) else Phase.OVER
    if not _waited_enough(run, folder):
        return Phase.WAITING
    if not folder.path.is_dir() and _is_left_alive(run):
        return Phase.RUNNING
    return Phase.ABSENT


def _is_left_alive(run: Run) -> bool:
    """Return whether any process of a run is alive on this machine, whatever its folder says."""
    return process.is_left_alive(str(run.uuid))


def _waited_enough(run: Run, folder: RunFolder) -> bool:
    """Whether a launcher would have made the folder, and a supervisor claimed it, by now."""
    waits_since = run.status_changed_at.timestamp()
    if folder.path.is_dir():
        with suppress(FileNotFoundError):
            waits_since = folder.spec_path.stat().st_mtime
        if run.boot_id != boot_id():
            return True
    # A time in the future was written before the clock was set back.
    return abs(timezone.now().timestamp() - waits_since) > CLAIM_GRACE_S
