"""Ends a process together with its parent (Linux)."""

from __future__ import annotations

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(parent_pid: int) -> None:
    """Have the kernel kill this process when its parent dies; exit at once if it is already dead.

    `parent_pid` is the parent that this process was started by.
    """
    if _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent_pid:
        os._exit(1)


def forks_die_with_us() -> None:
    """End every process forked from now on, and their forks, together with its parent.

    Programs started with `subprocess` do not count as forks: a script's supervisor continues.
    """
    parents = [os.getpid()]

    def in_child() -> None:
        parent_pid, parents[0] = parents[0], os.getpid()
        die_with_parent(parent_pid)

    os.register_at_fork(after_in_child=in_child)
