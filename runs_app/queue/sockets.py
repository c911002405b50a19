"""Datagram sockets on which this machine's worker is told that there is something to do.

A datagram is empty: its receiver looks at the rows and folders, which it also does without one, a
little later.
"""

from __future__ import annotations

import hashlib
import os
import socket
import stat
import tempfile
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from django.conf import settings

# sun_path holds 108 bytes with its closing zero.
SOCKET_PATH_LIMIT = 107


class Listener(StrEnum):
    """The processes of a worker that listen, by the name of their socket."""

    TICKER = "worker.sock"
    CLUSTER = "cluster.sock"


def path_of(listener: Listener) -> Path | None:
    """Return the socket of a process of this portal's worker; None if no path is short and private.

    A data directory with a long path gets its own folder below the temporary directory; a folder
    owned by another user is not used.
    """
    at_home = Path(settings.GUARDIANFLOW_HOME) / listener
    if len(os.fsencode(at_home)) <= SOCKET_PATH_LIMIT:
        return at_home
    digest = hashlib.sha256(os.fsencode(settings.GUARDIANFLOW_HOME)).hexdigest()[:12]
    private = Path(tempfile.gettempdir()) / f"guardianflow-{os.getuid()}-{digest}"
    elsewhere = private / listener
    if len(os.fsencode(elsewhere)) > SOCKET_PATH_LIMIT or not _is_private(private):
        return None
    return elsewhere


def listen(listener: Listener) -> socket.socket | None:
    """Return the socket of a process of the worker; call it with the worker's lock held.

    Raises OSError.
    """
    path = path_of(listener)
    if path is None:
        return None
    ours = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
    try:
        path.unlink(missing_ok=True)
        ours.bind(str(path))
        path.chmod(0o600)
    except OSError:
        ours.close()
        raise
    return ours


def wake(listener: Listener) -> None:
    """Let a process of this machine's worker look at once; ignored if it does not listen."""
    path = path_of(listener)
    if path is None:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        sender.setblocking(False)
        with suppress(OSError):
            sender.sendto(b"1", str(path))


def _is_private(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        facts = folder.lstat()
    except OSError:
        return False
    is_ours = facts.st_uid == os.getuid() and stat.S_ISDIR(facts.st_mode)
    return is_ours and stat.S_IMODE(facts.st_mode) & 0o077 == 0
