"""Errors below the run: `RunnerError` is the root, and every text names the fix."""

from __future__ import annotations

from registry_app.messages import Message, MessageError


class RunnerError(MessageError):
    """The run could not be prepared, started or read."""


class CommandError(RunnerError):
    """No command line can be built from these values."""


class UnknownParameterError(CommandError):
    """There is no parameter with this name."""


class MissingParameterError(CommandError):
    """A required parameter has no value."""

    def __init__(self, message: Message | str = "", *, name: str = "") -> None:
        super().__init__(message)
        self.name = name


class TemplateError(CommandError):
    """The argument template cannot be read."""


class ParameterValueError(CommandError):
    """A value cannot be passed to the script."""


class InterpreterError(RunnerError):
    """The interpreter for the script is missing or cannot be started."""


class BrokenEnvironmentError(InterpreterError):
    """The directory's own environment has no Python that this machine could start."""


class LaunchError(RunnerError):
    """The supervisor could not be started."""


class FolderError(RunnerError):
    """The run folder cannot be read or written."""
