"""Run a separate process that reads experiments for a scan, one after the other.

    python -m registry_app.scan.reader REQUESTS REPLIES PLACE LIMITS

The first three are descriptors, the last is a line of JSON.

A hostile or broken file can harm only this process: it does not know the portal's settings, cannot
write files or start programs, and has limited memory and time. It exits when its parent exits.
"""

from __future__ import annotations

import gc
import os
import queue
import resource
import sys
import threading
import time
import traceback
from collections.abc import Callable
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path

from django.conf import settings

settings.configure(USE_I18N=False)  # messages stay untranslated; nothing else is set

from registry_app.scan.files import Files  # noqa: E402
from registry_app.scan.protocol import (  # noqa: E402
    MEMORY_STATUS,
    Known,
    Limits,
    Outcome,
    Place,
    Reply,
    Request,
    pack,
    unpack,
)
from registry_app.scan.same import is_same, unsettled  # noqa: E402
from registry_app.scan.untouched import stamps_of  # noqa: E402
from registry_app.scan.walk import walk  # noqa: E402
from registry_app.texts import remarks  # noqa: E402  # needs the line above

OPEN_FILES = 64


def main() -> None:
    requests, replies, place = (int(word) for word in sys.argv[1:4])
    waiting: queue.SimpleQueue[Request] = queue.SimpleQueue()
    threading.Thread(
        target=_receive, args=(Connection(requests, writable=False), waiting), daemon=True
    ).start()
    limits = unpack(sys.argv[4].encode(), Limits)
    _limit(limits)
    # Trees hold no reference cycles; collecting them would take longer than parsing.
    gc.disable()
    steps = Steps(Place(place), limits)
    answers = Connection(replies, readable=False)
    answers.send_bytes(b"")  # ready
    while True:
        request = waiting.get()
        try:
            answers.send_bytes(answer(request, steps))
        except MemoryError:
            os._exit(MEMORY_STATUS)
        gc.collect()
        gc.freeze()  # what is left are bounded caches, which later collections can ignore


def _receive(connection: Connection, waiting: queue.SimpleQueue[Request]) -> None:
    """Queue the parent's requests, and exit immediately when the parent is gone."""
    while True:
        try:
            data = connection.recv_bytes()
        except (EOFError, OSError):
            os._exit(0)
        waiting.put(unpack(data, Request))


def _limit(limits: Limits) -> None:
    """Lower the resource limits to what reading needs; a limit that is already lower stays."""
    least = {
        resource.RLIMIT_AS: limits.memory_bytes,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for limit, wanted in least.items():
        _soft, hard = resource.getrlimit(limit)
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(limit, (most, most))


class Steps:
    """Record the current step, and limit the CPU time of each step."""

    def __init__(self, place: Place, limits: Limits) -> None:
        self._place = place
        self._limits = limits
        self._until_s = -1
        self._hard = resource.getrlimit(resource.RLIMIT_CPU)[1]

    def __call__(self, path: str) -> None:
        """Record that `path` is read next; '' for what is not a step, such as an import."""
        self._place.note(path)
        share_s = self._limits.step_cpu_s if path else self._limits.start_cpu_s
        # The kernel counts whole seconds; the second that has begun is not charged to the step.
        until_s = int(time.process_time()) + 1 + share_s
        if self._hard != resource.RLIM_INFINITY:
            until_s = min(until_s, self._hard)
        if until_s != self._until_s:
            self._until_s = until_s
            resource.setrlimit(resource.RLIMIT_CPU, (until_s, self._hard))


def answer(request: Request, steps: Steps) -> bytes:
    """Return the reply, followed by the draft if there is one, one line each."""
    steps("")
    try:
        reply, draft = _read(request, steps)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  # a rule that fails costs one file, not the scan
        problem = remarks.NOT_UNDERSTOOD(problem=type(error).__name__)
        reply = Reply(outcome=Outcome.FAILED, problem=problem, trace=_trace())
        draft = b""
    return pack(reply) + b"\n" + draft


def _trace() -> str:
    """Return the current exception's traceback, sanitised for a log: scripts influence its text."""
    text = traceback.format_exc(limit=-8)[-8000:]
    return "".join(sign if sign.isprintable() or sign == "\n" else "?" for sign in text)


def _read(request: Request, steps: Steps) -> tuple[Reply, bytes]:
    began_ns = time.time_ns()
    try:
        listing = walk(
            Path(request.directory), skipped=request.skipped, visit=steps, links=request.links
        )
    except OSError as error:
        problem = remarks.UNREADABLE(problem=error.strerror)
        return Reply(outcome=Outcome.UNREADABLE, problem=problem), b""
    files = Files(listing, skipped=request.skipped, visit=steps)
    known = request.known
    if known is not None and is_same(known, files):
        renewed = Known(
            files=listing.files,
            digests=known.digests,
            warnings=known.warnings,
            read_at_ns=began_ns,
            others=listing.others,
        )
        is_news = (
            known.files != listing.files
            or bool(unsettled(known))
            or stamps_of(known) != stamps_of(renewed)
        )
        return Reply(outcome=Outcome.UNCHANGED, known=renewed if is_news else None), b""
    steps("")
    data = _drafter()(files, request)
    read = Known(
        files=listing.files,
        digests=files.digests,
        warnings=listing.warnings,
        read_at_ns=began_ns,
        others=listing.others,
    )
    return Reply(outcome=Outcome.DRAFTED, known=read if files.stood_still else None), data


@cache
def _drafter() -> Callable[[Files, Request], bytes]:
    """Import what drafting needs; not before, as an unchanged tree needs none of it."""
    from registry_app.scan.draft import draft
    from registry_app.scan.scanned import encode

    gc.freeze()  # the modules stay loaded, so collections can ignore them
    return lambda files, request: encode(
        draft(files, name=request.name, path=request.path, words=request.words)
    )


if __name__ == "__main__":
    main()
