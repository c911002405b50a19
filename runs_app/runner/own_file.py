"""Opens the portal's own files of a run folder, and clears their paths for writing.

The script writes into the same folder, so anything may have the name of such a file: a link, a
directory, a named pipe, which would be followed, fail or block forever. Only a regular file counts
as existing; anything else is moved aside before a write, never deleted.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from pathlib import Path
from typing import BinaryIO

# A record of the portal has a few kilobytes; a script may write gigabytes under its name.
MAX_RECORD_BYTES = 64 * 2**20
OUT_OF_THE_WAY = "not-ours"


def open_own(path: Path) -> BinaryIO:
    """Open a regular file; raises FileNotFoundError if there is none, else OSError."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    descriptor = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return os.fdopen(descriptor, "rb")


def read_own(path: Path, *, max_bytes: int = MAX_RECORD_BYTES) -> bytes:
    """Return the content of a regular file; raises OSError, also if it is too large."""
    with open_own(path) as file:
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return data


def is_own(path: Path) -> bool:
    """Return whether the path is a regular file, and not a link to one."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def is_held(path: Path) -> bool:
    """Return whether a process holds the lock on a regular file.

    The lock is asked for shared, so that two who ask never take each other for the holder; one who
    wants to hold it at that moment tries again. Raises OSError if the file cannot be opened.
    """
    if not is_own(path):
        return False
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def make_way(path: Path, *, for_folder: bool = False) -> None:
    """Move anything but a regular file, or a folder, aside before a write; raises OSError."""
    is_right = stat.S_ISDIR if for_folder else stat.S_ISREG
    if os.path.lexists(path) and not is_right(path.lstat().st_mode):
        os.rename(path, path.with_name(f"{path.name}.{OUT_OF_THE_WAY}-{time.time_ns()}"))
