"""What can go wrong with runs; `RunnerError` is the root, and every text names the cure."""

from __future__ import annotations

from runs_app.runner.exceptions import RunnerError


class RefusedError(RunnerError):
    """The run was refused before anything was queued or started.

    `can_be_forced`: somebody who knows better may have it all the same.
    """

    can_be_forced = False


class MissingModulesError(RefusedError):
    """The interpreter lacks modules that the script cannot start without."""

    can_be_forced = True


class NoRoomError(RefusedError):
    """Too little room is left on the portal's disk."""

    can_be_forced = True


class UnknownExperimentError(RefusedError):
    """No experiment goes by this name."""


class UnknownRunError(RefusedError):
    """No run goes by this number."""


class UnknownHostError(RefusedError):
    """No machine goes by this name."""


class DirectoryRefusedError(RefusedError):
    """The experiment's directory is missing or may not be used."""


class ScriptRefusedError(RefusedError):
    """The script is missing, is not named, or lies outside its directory."""


class GpuDriverError(RunnerError):
    """The GPU driver does not answer."""


class TrackingError(RunnerError):
    """MLflow could not take a run; it will be tried again."""


class TrackingAwayError(TrackingError):
    """MLflow did not answer at all."""


class WorkerError(RunnerError):
    """The worker could not start."""


__all__ = [
    "DirectoryRefusedError",
    "GpuDriverError",
    "MissingModulesError",
    "NoRoomError",
    "RefusedError",
    "RunnerError",
    "ScriptRefusedError",
    "TrackingAwayError",
    "TrackingError",
    "UnknownExperimentError",
    "UnknownHostError",
    "UnknownRunError",
    "WorkerError",
]
