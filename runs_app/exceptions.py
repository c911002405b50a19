"""What can go wrong with runs; `RunnerError` is the root, and every text names the cure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runs_app.runner.exceptions import RunnerError

if TYPE_CHECKING:
    from registry_app.fields.confirmation import Unconfirmed


class RefusedError(RunnerError):
    """The run was refused before anything was queued or started.

    `can_be_forced`: somebody who knows better may have it all the same.
    """

    can_be_forced = False


class MissingModulesError(RefusedError):
    """The interpreter lacks modules that the script cannot start without."""

    can_be_forced = True


class NotPythonError(RefusedError):
    """The interpreter is not named like a Python, or does not answer as one."""

    can_be_forced = True


class InterpreterRuleError(RefusedError):
    """The interpreter of the entry point breaks the rule of where interpreters may lie."""


class NoRoomError(RefusedError):
    """Too little room is left on the portal's disk."""

    can_be_forced = True


class UnconfirmedError(RefusedError):
    """The command was changed since an engineer read it.

    `waiting` says what is to be read, and by which digest it is confirmed.
    """

    def __init__(self, message: str, *, waiting: Unconfirmed) -> None:
        super().__init__(message)
        self.waiting = waiting


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
    "InterpreterRuleError",
    "MissingModulesError",
    "NoRoomError",
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
    "WorkerError",
]
