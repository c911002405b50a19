"""What can go wrong below the run: `RunnerError` is the root, and every text names the cure."""

from __future__ import annotations


class RunnerError(Exception):
    """The run could not be prepared, started or read."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (self.__doc__ or "").strip())


class CommandError(RunnerError):
    """No command line can be built from these values."""


class UnknownParameterError(CommandError):
    """Nobody knows a parameter of this name."""


class MissingParameterError(CommandError):
    """A required parameter has no value."""

    def __init__(self, message: str = "", *, name: str = "") -> None:
        super().__init__(message)
        self.name = name


class TemplateError(CommandError):
    """The argument template cannot be read."""


class ParameterValueError(CommandError):
    """A value cannot be passed to the script."""


class InterpreterError(RunnerError):
    """The interpreter for the script is missing or cannot be started."""


class LaunchError(RunnerError):
    """The supervisor could not be started."""


class FolderError(RunnerError):
    """The run folder cannot be read or written."""
