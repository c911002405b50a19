"""What can go wrong in the registry; every text tells the reader what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class RegistryError(Exception):
    """The registry could not do what was asked."""


class PathRefusedError(RegistryError):
    """A path does not lie where experiments or their scripts may lie."""


class ScanError(RegistryError):
    """The scan could not start."""


class StalePlanError(RegistryError):
    """The file or the rows changed since the plan was shown."""


class StaleProposalError(RegistryError):
    """A proposal was answered, or its field changed, after it was shown."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing wrong in a file; `line` counts from 1, None where no line can be named.

    Of a sheet it is the row, and `column` the name of the column.
    """

    message: str
    line: int | None = None
    column: str = ""

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


class RegistryFileError(RegistryError):
    """A registry file was refused; `problems` holds every reason, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
