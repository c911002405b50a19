"""Locks between processes of one machine that vanish with their holder, however it ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runs_app.runner.own_file import make_way

# Held by the process that closes a run, and by the one that sends it to MLflow, in its folder.
FINISH_LOCK, SEND_LOCK = "finish.lock", "send.lock"
RETRY_S = 0.05


@contextmanager
def hold(path: Path, *, wait: bool = False, tries: int = 1) -> Iterator[bool]:
    """Hold the lock file `path`; yield whether we hold it. With `wait` we always do.

    Several `tries` outlast those who only ask whether it is held.

    Raises OSError if its folder does not exist. Anything that a script has put in place of the
    lock file is moved out of the way.
    """
    with taken(path, wait=wait, tries=tries) as descriptor:
        yield descriptor is not None


@contextmanager
def taken(path: Path, *, wait: bool = False, tries: int = 1) -> Iterator[int | None]:
    """Do as `hold`; yield the descriptor that holds the lock, None if we do not hold it.

    A process that inherits the descriptor goes on holding the lock.
    """
    make_way(path)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor if _lock(descriptor, wait=wait, tries=tries) else None
    finally:
        os.close(descriptor)


def _lock(descriptor: int, *, wait: bool, tries: int) -> bool:
    for left in reversed(range(tries)):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            if left:
                time.sleep(RETRY_S)
        else:
            return True
    return False
