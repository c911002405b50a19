"""The interface between runs and their executor: submit, one snapshot of all, cancel, health.

An executor knows where its runs are: which machine, which boot of it, which devices. Everything
above uses this protocol alone. It reports whether a run is still going on; how it ended, and
what it printed, is read from its run folder by the same code for every executor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from registry_app.messages import Message
from runs_app.exceptions import RunnerError
from runs_app.models import Run
from runs_app.runner.folder import RunFolder


class ExecutorAwayError(RunnerError):
    """The executor did not respond, so the state of its runs is unknown."""


class Phase(StrEnum):
    """The state that an executor reports of a run that is starting or running.

    Only OVER and ABSENT let a run without an exit record end or start again, so an executor
    reports them only if it is sure.
    """

    WAITING = "waiting"  # submitted, and may still start
    RUNNING = "running"  # its supervisor or a process of its script may be alive
    OVER = "over"  # nothing of it is alive or will start; an exit record would be there by now
    ABSENT = "absent"  # there is no such submission, and none can still arrive
    UNKNOWN = "unknown"  # the executor does not know at present


@dataclass(frozen=True, kw_only=True)
class Job:
    """A submission as the executor knows it.

    `reason` is why it is over without an exit record, if known.
    """

    phase: Phase
    reason: Message | None = None


UNKNOWN = Job(phase=Phase.UNKNOWN)


@dataclass(frozen=True, kw_only=True)
class Submission:
    """One start of a script, whose run folder holds the spec already.

    `id` is chosen, and stored with the run, before submitting: if the answer is lost, the
    submission can be found by it. `environment` is the script's complete environment, `gpus` how
    many it requests, None if not given. `directory_lock` is a descriptor of this process that holds
    the lock on the experiment directory: an executor on this machine hands it to the supervisor,
    with any other the supervisor takes the lock itself.
    """

    id: str
    folder: RunFolder
    environment: Mapping[str, str]
    gpus: int | None = None
    directory_lock: int | None = None


@dataclass(frozen=True, kw_only=True)
class Gpu:
    """A device that the portal may give to a run: a GPU, or a slice (MIG) of one.

    `index` is that of the GPU in nvidia-smi; slices share it, and `uuid` tells them apart.
    """

    index: int
    uuid: str
    name: str
    total_mib: int
    free_mib: int


@dataclass(frozen=True, kw_only=True)
class DeviceKey:
    """A device by its UUID; `str()` is its number in nvidia-smi, for users."""

    uuid: str
    index: int

    def __str__(self) -> str:
        return f"{self.index} ({self.uuid})" if self.uuid.startswith("MIG-") else str(self.index)


@dataclass(frozen=True, kw_only=True)
class Health:
    """What an executor has at present.

    `devices` are those that the portal gives to runs; none if the executor assigns them itself.
    `device_error` says why they are unknown, '' if they are known. `isolation` is what isolates
    scripts, in the form of `isolation.isolation_of`.
    """

    devices: tuple[Gpu, ...] = ()
    device_error: str = ""
    isolation: Mapping[str, Any] = field(default_factory=dict)


class Executor(Protocol):
    """Carries out the runs whose `host` is its `place`, and no others."""

    @property
    def place(self) -> str:
        """The name of the place in rows of runs; workers with the same name share its runs."""

    @property
    def boot_id(self) -> str:
        """The id of the current boot of the place, '' if it has none."""

    @property
    def slots(self) -> int:
        """How many runs of the queue may be there at once."""

    def environment(
        self, *, gpus: int | None = None, devices: Sequence[str] = ()
    ) -> Mapping[str, str]:
        """Return what a script inherits there, before the portal's own variables are removed.

        `devices` are the UUIDs of those given to the run, and `gpus` is how many it requests.
        """

    def submit(self, submission: Submission) -> None:
        """Have a script started exactly once, and return immediately.

        The start does not depend on this process staying alive. Raises ExecutorAwayError if it
        is unknown whether the submission was accepted, and another RunnerError if it was not.
        """

    def snapshot(self, runs: Iterable[Run]) -> Mapping[str, Job]:
        """Return what is known of all these runs in one query, by their submissions.

        A run that is missing from the result is unknown; the result may contain others. Changes
        nothing; an error in one run does not affect the answer for another. Raises
        ExecutorAwayError rather than return a partial result.
        """

    def wait(self, run: Run, limit_s: float) -> bool:
        """Wait for at most `limit_s` seconds; return True as soon as it seems over.

        An executor that is not told of ends waits for the whole time.
        """

    def cancel(self, run: Run) -> None:
        """Pass on a stored request to cancel, also in the run folder; repeating it is harmless.

        Returns before the run has ended. Raises RunnerError if none of it could be done.
        """

    def kill(self, run: Run) -> None:
        """Kill all processes of a run, including its supervisor; harmless if there are none."""

    def health(self) -> Health:
        """Return the present state; report a driver that does not respond as part of it."""

    def memory_held(self) -> Mapping[UUID, Mapping[DeviceKey, int]]:
        """Return the MiB that each run holds on each device; {} if unknown.

        Raises GpuDriverError.
        """


def folder_of(run: Run) -> RunFolder:
    """Return the run folder, which need not exist yet."""
    return RunFolder(run.folder)
