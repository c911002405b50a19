"""Waits for the end of other processes: the kernel reports it, so that no poll comes late.

Where the kernel has no descriptors for processes, the waits poll as Python's own do.
"""

from __future__ import annotations

import os
import select
import subprocess


def open_process(pid: int) -> int | None:
    """Return a descriptor that becomes readable when a process ends; None if there is none."""
    try:
        return os.pidfd_open(pid)
    except OSError:  # it has ended, or an old kernel
        return None


def is_readable(descriptor: int, limit_s: float) -> bool:
    """Return whether a descriptor becomes readable within `limit_s` seconds."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(limit_s * 1000))


def wait_for_child(child: subprocess.Popen[bytes], limit_s: float) -> int:
    """Return the exit status of a child; raises TimeoutExpired after `limit_s` seconds."""
    descriptor = open_process(child.pid)
    if descriptor is None:
        return child.wait(limit_s)
    try:
        if is_readable(descriptor, limit_s):
            return child.wait()
    finally:
        os.close(descriptor)
    return child.wait(0)
