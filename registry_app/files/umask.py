"""Keep files of the portal private from the other users of the machine.

From its start on, a process of the portal makes new files accessible to its own user alone,
whatever the mode of the folder. It remembers the umask that it was started with: scripts, and
files that a user names on the command line, are created as that user's own programs would do.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PRIVATE = 0o077

_of_caller: list[int] = []


def keep_private() -> None:
    """Make new files readable and writable by this user alone; a second call does nothing."""
    if _of_caller:
        return
    _of_caller.append(os.umask(PRIVATE))
    # For child processes, whose own umask is the portal's; see docs/settings.md.
    os.environ.setdefault("GUARDIANFLOW_SCRIPT_UMASK", f"{_of_caller[0]:03o}")


def of_caller() -> int:
    """Return the umask that this process was started with."""
    return _of_caller[0] if _of_caller else _current()


@contextmanager
def as_caller() -> Iterator[None]:
    """Create files with the caller's umask, for files of the checkout; one thread only."""
    before = os.umask(of_caller())
    try:
        yield
    finally:
        os.umask(before)


def _current() -> int:
    """Return the umask without setting it, which would affect other threads."""
    for line in (
        Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    ):
        if line.startswith("Umask:"):
            return int(line.split()[1], 8)
    return PRIVATE
