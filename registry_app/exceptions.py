"""The errors of the registry; every message tells the user what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registry_app.messages import Message, MessageError, lines
from registry_app.texts.problems import ON_LINE


class RegistryError(MessageError):
    """The request to the registry failed."""


class PathRefusedError(RegistryError):
    """A path is outside the folders that experiments and scripts may be in."""


class ScanError(RegistryError):
    """The scan could not start."""


class StalePlanError(RegistryError):
    """The file or the rows changed since the plan was shown."""


class StaleProposalError(RegistryError):
    """A proposal was answered, or its field changed, after it was shown."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A problem in a file; `line` counts from 1, None if there is no line.

    For a sheet it is the row, and `column` the name of the column.
    """

    message: Message
    line: int | None = None
    column: str = ""

    def __str__(self) -> str:
        return str(self.with_line)

    @property
    def with_line(self) -> Message:
        """Return the message with its line, for a text without a column of lines."""
        return ON_LINE(line=self.line, problem=self.message) if self.line else self.message


class RegistryFileError(RegistryError):
    """A registry file was refused; `problems` holds every reason, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(lines(problem.with_line for problem in self.problems))
