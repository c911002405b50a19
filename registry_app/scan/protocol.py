"""What a scan and the processes that read for it say to each other."""

from __future__ import annotations

import json
import mmap
import os
import struct
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

import msgspec

from registry_app.messages import Message
from registry_app.scan.walk import Identity

T = TypeVar("T")

# The exit status of a reader that had no more memory.
MEMORY_STATUS = 71


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a reader may use between two steps, most of which are files; and its memory.

    One that waits for a disk uses no processor, so more patience is shown by the clock. Its own
    start and its imports are no step: how long they take says nothing of a file.
    """

    step_cpu_s: int = 20
    step_wall_s: float = 120.0
    start_cpu_s: int = 120
    start_wall_s: float = 300.0
    memory_bytes: int = 3 * 2**30


@dataclass(frozen=True, kw_only=True)
class Known:
    """What was read for an earlier draft; while it is still the same, so is the draft.

    `files` are those listed, `digests` the SHA-256 of those read, `warnings` the listing's own;
    `read_at_ns` is when the listing began, in nanoseconds since 1970.
    """

    files: dict[str, Identity]
    digests: dict[str, str]
    warnings: tuple[Message, ...]
    read_at_ns: int


@dataclass(frozen=True, kw_only=True)
class Request:
    """One directory to read. `path` is the directory as people write it.

    `left_out` are files and folders that brought a reader down, with the reason.
    """

    name: str
    directory: str
    path: str
    left_out: dict[str, Message] = field(default_factory=dict)
    known: Known | None = None


class Outcome(StrEnum):
    """How the reading of a directory ended."""

    DRAFTED = "drafted"
    UNCHANGED = "unchanged"
    UNREADABLE = "unreadable"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """The answer to a request; a draft follows as a line of JSON where there is one.

    `known` is what to keep for the next scan, None where nothing should be kept or renewed.
    """

    outcome: Outcome
    problem: Message | None = None
    trace: str = ""
    known: Known | None = None


def pack(message: Request | Reply | Known | Limits) -> bytes:
    """Return a message as one line of JSON."""
    return json.dumps(msgspec.to_builtins(message), separators=(",", ":")).encode()


def unpack(data: bytes, kind: type[T]) -> T:
    """Return a message from its line of JSON; raises ValueError if it is none of this kind."""
    return msgspec.convert(json.loads(data), kind)


class Place:
    """The path that a reader is at, in memory that its parent sees too, also after its death.

    The path is '' while the reader is at none: it starts, or imports what it needs.
    """

    SIZE = 16_384
    _HEAD = struct.Struct("=QI")

    def __init__(self, descriptor: int) -> None:
        self._memory = mmap.mmap(descriptor, self.SIZE)
        self._steps = 0

    def note(self, path: str) -> None:
        """Say that `path` comes next."""
        data = os.fsencode(path)[: self.SIZE - self._HEAD.size]
        self._steps += 1
        begin = self._HEAD.size
        self._memory[begin : begin + len(data)] = data
        self._HEAD.pack_into(self._memory, 0, self._steps, len(data))

    def clear(self) -> None:
        """Forget the path; for the parent, while its reader has nothing to do."""
        self._HEAD.pack_into(self._memory, 0, self.read()[0], 0)

    def read(self) -> tuple[int, str]:
        """Return how many steps were noted, and the path of the last; '' before the first."""
        steps, length = self._HEAD.unpack_from(self._memory, 0)
        begin = self._HEAD.size
        return steps, os.fsdecode(self._memory[begin : begin + length])

    def close(self) -> None:
        self._memory.close()
