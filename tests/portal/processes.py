"""What tests of served portals share: free ports, and who answers."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from tests.waiting import LIMIT_S

# Below those that the kernel gives to whoever connects to something.
PORTS = range(18_000, 32_000)


def free_port() -> int:
    """Return a port that is free, and stays so until a program of this test listens there.

    A lock, which this process holds until its end, keeps it from all other processes of tests.
    """
    locks = Path(tempfile.gettempdir(), f"guardianflow-test-ports-{os.getuid()}")
    locks.mkdir(exist_ok=True)
    for port in random.sample(PORTS, len(PORTS)):
        lock = os.open(locks / str(port), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            os.close(lock)
            continue
        return port
    raise AssertionError("no port is free")


def status_of(url: str) -> int:
    """Return the HTTP status of an answer; 0 while no server responds."""
    try:
        with urllib.request.urlopen(url, timeout=LIMIT_S) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return 0
