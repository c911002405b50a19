"""The messages between a scan and its reader processes."""

from __future__ import annotations

import json
import mmap
import os
import struct
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

import msgspec

from registry_app.files.link_targets import LinkRule
from registry_app.messages import Message
from registry_app.scan.walk import NO_LINKS, Identity

T = TypeVar("T")

# The exit status of a reader that ran out of memory.
MEMORY_STATUS = 71


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The resources that a reader may use per step, usually one file; and its memory.

    A reader that waits for a disk uses no CPU, so the wall-clock limit is higher. Its own start
    and its imports are not steps: their duration says nothing about a file.
    """

    step_cpu_s: int = 20
    step_wall_s: float = 120.0
    start_cpu_s: int = 120
    start_wall_s: float = 300.0
    memory_bytes: int = 3 * 2**30


@dataclass(frozen=True, kw_only=True)
class Known:
    """What was read for an earlier draft; the draft is valid as long as it is unchanged.

    `files` are those listed, `digests` the SHA-256 of those read, `warnings` the listing's own;
    `read_at_ns` is when the listing began, in nanoseconds since 1970. `others` are as in a listing.
    """

    files: dict[str, Identity]
    digests: dict[str, str]
    warnings: tuple[Message, ...]
    read_at_ns: int
    others: dict[str, Identity] | None = None


@dataclass(frozen=True, kw_only=True)
class Brief:
    """What a scan needs to know about a cached draft to take it as it is.

    `stamps` are the states of everything that it depends on, None if they do not prove enough.
    """

    stamps: dict[str, Identity] | None = None
    warnings: tuple[Message, ...] = ()
    is_experiment: bool = False


@dataclass(frozen=True, kw_only=True)
class Request:
    """One directory to read. `path` is the directory as users write it.

    `skipped` maps files and folders that crashed a reader to the reason. `words` are the company's
    own, with their tasks: a reader has no database.
    """

    name: str
    directory: str
    path: str
    skipped: dict[str, Message] = field(default_factory=dict)
    links: LinkRule = NO_LINKS
    known: Known | None = None
    words: tuple[tuple[str, str], ...] = ()


class Outcome(StrEnum):
    """The outcome of reading a directory."""

    DRAFTED = "drafted"
    UNCHANGED = "unchanged"
    UNREADABLE = "unreadable"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """The answer to a request; a draft follows as a line of JSON where there is one.

    `known` is what to cache for the next scan, None if nothing should be cached or renewed.
    """

    outcome: Outcome
    problem: Message | None = None
    trace: str = ""
    known: Known | None = None


def pack(message: Request | Reply | Known | Brief | Limits) -> bytes:
    """Return a message as one line of JSON."""
    return json.dumps(msgspec.to_builtins(message), separators=(",", ":")).encode()


def unpack(data: bytes, kind: type[T]) -> T:
    """Return a message from its line of JSON; raises ValueError if it is not of this kind."""
    return msgspec.convert(json.loads(data), kind)


class Place:
    """The path that a reader is reading, in memory shared with its parent, readable after a crash.

    The path is '' while it reads none: it is starting, or importing what it needs.
    """

    SIZE = 16_384
    _HEAD = struct.Struct("=QI")

    def __init__(self, descriptor: int) -> None:
        self._memory = mmap.mmap(descriptor, self.SIZE)
        self._steps = 0
        self._noted = ""
        self._length = 0

    def note(self, path: str) -> None:
        """Record that `path` is read next; rules often go back to the path that was noted last."""
        if path != self._noted:
            data = os.fsencode(path)[: self.SIZE - self._HEAD.size]
            begin = self._HEAD.size
            self._memory[begin : begin + len(data)] = data
            self._noted, self._length = path, len(data)
        self._steps += 1
        self._HEAD.pack_into(self._memory, 0, self._steps, self._length)

    def clear(self) -> None:
        """Clear the path; called by the parent while its reader is idle."""
        self._HEAD.pack_into(self._memory, 0, self.read()[0], 0)

    def read(self) -> tuple[int, str]:
        """Return the number of steps recorded, and the path of the last; '' before the first."""
        steps, length = self._HEAD.unpack_from(self._memory, 0)
        begin = self._HEAD.size
        return steps, os.fsdecode(self._memory[begin : begin + length])

    def close(self) -> None:
        self._memory.close()
