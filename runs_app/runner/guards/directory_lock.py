"""The lock on an experiment directory, which keeps runs of other portals out of it.

It is `flock` on the directory itself, opened to be read: nothing is written there, every process of
the machine sees it, whichever portal and user it is of, and it ends with its holder. Not every file
system has it for directories (NFS). Standard library only, Python 3.8.
"""

from __future__ import annotations

import fcntl
import os

EXCLUSIVE, SHARED = "exclusive", "shared"


def hold(directory: str, mode: str) -> int:
    """Return a descriptor that holds the lock until it is closed; programs do not inherit it.

    Raises BlockingIOError while another process holds it, and OSError where there is no lock.
    """
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        how = fcntl.LOCK_SH if mode == SHARED else fcntl.LOCK_EX
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def is_held(directory: str, mode: str) -> bool:
    """Return whether another process has a lock that excludes `mode`."""
    try:
        os.close(hold(directory, mode))
    except BlockingIOError:
        return True
    except OSError:  # there is no lock here
        return False
    return False
