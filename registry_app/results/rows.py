"""The interface of a result reader, and the rows that it yields."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from registry_app.messages import Message

# The largest step that a database can store.
MAX_STEP = 2**63 - 1
# The reader of what scripts print; an empty output has it without being read.
LOG = "log"


# A named tuple: there is one for each line of a table, and a frozen dataclass takes five times the
# time to make.
class Row(NamedTuple):
    """Values of one step by their names, as the writer spells them.

    `axis` names the counter (`epoch`, `step`, `iter`); '' without a counter, as in a
    summary. `line` counts from 1; `begin_bytes` is the row's offset in the fed bytes, to
    recognise rows that existed before. `seconds` since the start and `written_s` since 1970 are set
    if the writer gives them.
    """

    values: Mapping[str, float]
    step: int = 0
    axis: str = ""
    line: int = 0
    begin_bytes: int = 0
    seconds: float | None = None
    written_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """How many values of a name were seen and not taken, and why the first was not."""

    count: int
    reason: Message


# Reports a value that was seen but not used: its name, and the reason.
Skip = Callable[[str, Message], None]


class ResultReader(ABC):
    """Read one file or stream from its first byte, in pieces of any size.

    Exhaust both iterators: the bytes given to `feed` are read while they run. After `end`, `reason`
    says why nothing was found; `skipped` has the ignored values by name, and `notes` are remarks
    for users of the numbers. Once it `is_done`, further bytes hold no rows for it.
    """

    # The name shown in the record of examined files and in docs/results.md.
    name: str
    # Whether the file is read as a whole: to follow it, read it again from its first byte.
    is_document: ClassVar[bool] = False
    # Whether reading may start at any line, so that earlier content need not be fed.
    is_by_line: ClassVar[bool] = False

    def __init__(self) -> None:
        self.reason: Message | None = None
        self.skipped: dict[str, Skipped] = {}
        self.notes: list[Message] = []
        self.is_done = False

    @abstractmethod
    def feed(self, data: bytes) -> Iterator[Row]:
        """Read more bytes and yield the rows that they complete; raises nothing."""

    @abstractmethod
    def end(self) -> Iterator[Row]:
        """Yield the rest, such as a last line without an end; raises nothing."""

    def skip(self, name: str, reason: Message) -> None:
        """Count an ignored value."""
        seen = self.skipped.get(name)
        if seen is not None:
            self.skipped[name] = Skipped(count=seen.count + 1, reason=seen.reason)
        elif len(self.skipped) < MAX_SKIPPED:
            self.skipped[name] = Skipped(count=1, reason=reason)


# Number of ignored names that a reader remembers.
MAX_SKIPPED = 200
