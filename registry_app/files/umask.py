"""Keeps what the portal writes from the other users of the machine.

From its start on, a process of the portal gives new files to its own user alone, whatever the
rights of the folder are. The umask that it was started with is remembered: a script, and a file
that a person names on the command line, are made as that person's own programs would make them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PRIVATE = 0o077

_of_caller: list[int] = []


def keep_private() -> None:
    """Let new files be readable and writable by this user alone; a second call does nothing."""
    if _of_caller:
        return
    _of_caller.append(os.umask(PRIVATE))
    # For the processes that this one starts, whose own is the portal's; see docs/settings.md.
    os.environ.setdefault("GUARDIANFLOW_SCRIPT_UMASK", f"{_of_caller[0]:03o}")


def of_caller() -> int:
    """Return the umask that this process was started with."""
    return _of_caller[0] if _of_caller else _current()


@contextmanager
def as_caller() -> Iterator[None]:
    """Make files as the caller would, for what belongs to the checkout; one thread only."""
    before = os.umask(of_caller())
    try:
        yield
    finally:
        os.umask(before)


def _current() -> int:
    """Return the umask without setting one, which other threads would see."""
    for line in (
        Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    ):
        if line.startswith("Umask:"):
            return int(line.split()[1], 8)
    return PRIVATE
