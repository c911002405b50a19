"""What can go wrong with runs; `RunnerError` is the root, and every text names the fix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runs_app.runner.exceptions import RunnerError

if TYPE_CHECKING:
    from registry_app.fields.confirmation import Unconfirmed
    from registry_app.messages import Message


class RefusedError(RunnerError):
    """The run was refused before anything was queued or started.

    `can_be_forced`: the user may override the refusal.
    """

    can_be_forced = False


class MissingModulesError(RefusedError):
    """The interpreter lacks modules that the script cannot start without."""

    can_be_forced = True


class NotPythonError(RefusedError):
    """The interpreter is not named like a Python, or does not respond as one."""

    can_be_forced = True


class InterpreterRuleError(RefusedError):
    """The entry point's interpreter is in a place where interpreters are not allowed."""


class UnknownStartError(RefusedError):
    """It is unknown how the script is started for the requested type."""

    can_be_forced = True


class DiskFullError(RefusedError):
    """Too little disk space is free for the portal."""

    can_be_forced = True


class UnconfirmedError(RefusedError):
    """The command was changed since an engineer read it.

    `waiting` holds what must be read and the digest that confirms it.
    """

    def __init__(self, message: Message, *, waiting: Unconfirmed) -> None:
        super().__init__(message)
        self.waiting = waiting


class UnknownExperimentError(RefusedError):
    """There is no experiment with this name."""


class UnknownRunError(RefusedError):
    """There is no run with this number."""


class UnknownHostError(RefusedError):
    """There is no host with this name."""


class DirectoryRefusedError(RefusedError):
    """The experiment's directory is missing or must not be used."""


class ScriptRefusedError(RefusedError):
    """The script is missing, not named, or outside its directory."""


class GpuDriverError(RunnerError):
    """The GPU driver does not respond."""


class TrackingError(RunnerError):
    """A run could not be sent to MLflow; it will be retried."""


class TrackingAwayError(TrackingError):
    """MLflow did not respond."""


class WorkerError(RunnerError):
    """The worker could not start."""


__all__ = [
    "DirectoryRefusedError",
    "DiskFullError",
    "GpuDriverError",
    "InterpreterRuleError",
    "MissingModulesError",
    "NotPythonError",
    "RefusedError",
    "RunnerError",
    "ScriptRefusedError",
    "TrackingAwayError",
    "TrackingError",
    "UnconfirmedError",
    "UnknownExperimentError",
    "UnknownHostError",
    "UnknownRunError",
    "UnknownStartError",
    "WorkerError",
]
