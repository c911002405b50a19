"""Manage the processes that read experiments for a scan, and survive their failures.

Each reads one directory at a time. One that dies, hangs or exceeds its limits is replaced; the file
it was reading is skipped, with the reason, and its directory is read again without that file.
"""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import wait
from types import TracebackType
from typing import Self

from registry_app.exceptions import ScanError
from registry_app.scan.process import Cause, ReaderProcess
from registry_app.scan.protocol import Limits, Outcome, Reply, Request, unpack
from registry_app.texts import remarks
from registry_app.texts.changes import READERS_NOT_STARTED

logger = logging.getLogger(__name__)

MAX_READERS = 16
LOOK_EVERY_S = 1.0
MAX_SKIPPED = 20
MAX_REPLY_BYTES = 256 * 2**20
# A reader above this is replaced: Python rarely gives the memory of a large directory back. A new
# reader costs as much as reading some fifty scripts.
REPLACED_ABOVE_BYTES = 192 * 2**20


@dataclass(frozen=True, kw_only=True)
class Done:
    """A completed request; `draft` is the line of JSON of a new draft, else empty.

    `lasting` is false if the outcome may differ next time, as for a process killed from outside.
    """

    request: Request
    reply: Reply
    draft: bytes = b""
    lasting: bool = True


@dataclass(frozen=True, kw_only=True)
class _Task:
    request: Request
    lasting: bool = True
    had_bad_luck: bool = False


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0))


class Pool:
    """At most `size` readers; leaving the context kills them all immediately."""

    def __init__(self, size: int, *, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._size = max(1, min(size, MAX_READERS))
        self.readers: list[_Reader] = []
        self._again: deque[_Task] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for reader in self.readers:
            reader.kill()
        for reader in self.readers:
            reader.close()

    @property
    def current(self) -> str:
        """The name of the directory that has been read for the longest time."""
        busy = [reader for reader in self.readers if reader.task is not None]
        oldest = min(busy, key=lambda reader: reader.requested_at_s, default=None)
        return oldest.task.request.name if oldest and oldest.task else ""

    def run(
        self, requests: Iterable[Request], *, look_every_s: float = LOOK_EVERY_S
    ) -> Iterator[Done | None]:
        """Yield the answers as they arrive, and None whenever none arrived for `look_every_s`.

        `requests` is asked for the next one only when a reader is free.
        Raises ScanError if readers cannot be started at all.
        """
        waiting = iter(requests)
        while True:
            self._hand_out(waiting)
            busy = [reader for reader in self.readers if reader.task is not None]
            if not busy:
                return
            ready = wait([reader.replies for reader in busy], timeout=look_every_s)
            for reader in busy:
                done = self._look(reader, is_ready=reader.replies in ready)
                if done is not None:
                    yield done
            if not ready:
                yield None

    def _hand_out(self, waiting: Iterator[Request]) -> None:
        while self._has_room():
            task = self._next(waiting)
            if task is None:
                return  # without a reader that would be started for nothing
            reader = self._free()
            try:
                reader.give(task)
            except OSError:  # it died while idle
                self._bury(reader)
                self._again.append(task)

    def _next(self, waiting: Iterator[Request]) -> _Task | None:
        if self._again:
            return self._again.popleft()
        request = next(waiting, None)
        return None if request is None else _Task(request=request)

    def _has_room(self) -> bool:
        is_free = any(reader.task is None for reader in self.readers)
        return is_free or len(self.readers) < self._size

    def _free(self) -> _Reader:
        """Return a reader without a task, or start one."""
        free = next((reader for reader in self.readers if reader.task is None), None)
        if free is None:
            free = _Reader(self._limits)
            self.readers.append(free)
        return free

    def _look(self, reader: _Reader, *, is_ready: bool) -> Done | None:
        """Handle the reply of a busy reader; kill the reader if it has hung for too long."""
        task = reader.task
        if task is None:
            return None
        if not is_ready:
            return self._after_death(reader, task) if reader.hangs() else None
        try:
            message = reader.replies.recv_bytes(MAX_REPLY_BYTES)
        except (EOFError, OSError):
            return self._after_death(reader, task)
        if not message:
            reader.ready()
            return None
        reader.task = None
        head, _newline, draft = message.partition(b"\n")
        reply = unpack(head, Reply)
        if reply.outcome is Outcome.FAILED:
            logger.error(
                "a rule of the scan failed directory=%s\n%s", task.request.name, reply.trace
            )
            return self._without(
                reader.place.read()[1],
                task,
                Cause(reason=reply.problem or remarks.NOT_UNDERSTOOD(problem="")),
            )
        if reader.memory_bytes() > REPLACED_ABOVE_BYTES:
            self._replace(reader)
        return Done(request=task.request, reply=reply, draft=draft, lasting=task.lasting)

    def _replace(self, reader: _Reader) -> None:
        """Stop a reader that has answered; the next request starts another."""
        self.readers.remove(reader)
        reader.kill()
        reader.close()

    def _after_death(self, reader: _Reader, task: _Task) -> Done | None:
        place = reader.place.read()[1]
        return self._without(place, task, self._bury(reader))

    def _bury(self, reader: _Reader) -> Cause:
        """Stop and remove a reader; raises ScanError if it never became ready."""
        self.readers.remove(reader)
        try:
            cause = reader.end()
            if not reader.is_ready:
                raise ScanError(READERS_NOT_STARTED(problem=reader.last_words()))
        finally:
            reader.close()
        return cause

    def _without(self, place: str, task: _Task, cause: Cause) -> Done | None:
        """Retry a directory without the file that its reader failed on, or give it up."""
        request = task.request
        logger.info("a reader failed directory=%s at=%r why=%s", request.name, place, cause.reason)
        if cause.by_chance and not task.had_bad_luck:
            self._again.append(replace(task, had_bad_luck=True))
            return None
        culprit = place.rstrip("/")
        if not culprit or culprit in request.skipped or len(request.skipped) >= MAX_SKIPPED:
            reply = Reply(outcome=Outcome.FAILED, problem=cause.reason)
            return Done(request=request, reply=reply, lasting=False)
        skipped = request.skipped | {culprit: cause.reason}
        self._again.append(
            _Task(
                request=replace(request, skipped=skipped, known=None),
                lasting=task.lasting and cause.lasting,
            )
        )
        return None


class _Reader(ReaderProcess):
    """A process and its current task."""

    task: _Task | None = None
    requested_at_s = 0.0

    def give(self, task: _Task) -> None:
        self.task = task
        self.requested_at_s = time.monotonic()
        self.ask(task.request)
