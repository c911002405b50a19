"""Locks between processes of one machine that vanish with their holder, however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runs_app.runner.own_file import make_way


@contextmanager
def hold(path: Path, *, wait: bool = False) -> Iterator[bool]:
    """Hold the lock file `path`; yield whether we hold it. With `wait` we always do.

    Raises OSError if its folder does not exist. Anything that a script has put in place of the
    lock file is moved out of the way.
    """
    make_way(path)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _lock(descriptor, wait=wait)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, *, wait: bool) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True
