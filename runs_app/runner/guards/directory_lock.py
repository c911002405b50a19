"""The lock on an experiment directory, which keeps runs of other portals out of it.

It is `flock` on the directory itself, opened to be read: nothing is written there, every process of
the machine sees it, whichever portal and user it is of, and it ends with its holder. On network
file systems such as NFS only this machine sees it. Standard library only, Python 3.8.

The launcher takes it before it looks at the directory and hands it to the supervisor. When the
script has ended, a keeper holds it until the files of the run are collected.
"""

from __future__ import annotations

import fcntl
import os
import signal
import time

EXCLUSIVE, SHARED = "exclusive", "shared"
# Shared, once the exclusive run of the same portal that is there now has ended.
SHARED_LATER = "shared_later"
KEEPER_LOOK_S = 0.5
# How long a keeper lets a run of the same portal take the lock that it shares from then on. Longer
# than a supervisor may take to look again, which is three seconds while it waits for a helper.
SHARE_S = 10.0
# What a collector sends to a keeper when it begins, and a worker while it means to collect; the
# collector kills the keeper in the end, or lets it share.
BEGINS, SHARES = signal.SIGUSR1, signal.SIGTERM


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


def is_shared(descriptor: int) -> bool:
    """Return whether another process has the lock as well, as far as the kernel lists it here.

    In a container it does not list locks whose first holder has ended, or is outside. Raises
    OSError.
    """
    with open("/proc/self/fdinfo/%d" % descriptor, encoding="ascii") as file:
        own = [line.split() for line in file if line.startswith("lock:")]
    with open("/proc/locks", encoding="ascii") as file:
        listed = [line.split() for line in file]
    # Of `1: FLOCK ADVISORY READ 4711 fd:00:1234 0 EOF`, where fdinfo has one word more.
    places = [words[6] for words in own if words[2] == "FLOCK"]
    return sum(words[1] == "FLOCK" and words[5] in places for words in listed) > 1


def leave_keeper(descriptor: int, keep_s: float) -> int:
    """Fork a process that keeps the lock until a run is collected, and return its pid.

    The collector kills it. It ends by itself `keep_s` seconds after it last saw alive its parent, a
    collector, or a worker that means to collect.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {BEGINS, SHARES})
    parent = _opened_process(os.getpid())
    pid = os.fork()
    if pid:
        if parent is not None:
            os.close(parent)
        return pid
    try:
        _close_all_but(descriptor, parent)
        _keep(descriptor, parent, keep_s)
    finally:
        os._exit(0)


def _keep(descriptor: int, parent: int | None, keep_s: float) -> None:
    watched = {os.getppid(): parent}
    until = time.monotonic() + keep_s
    while time.monotonic() < until or BEGINS in signal.sigpending():
        came = signal.sigtimedwait({BEGINS, SHARES}, KEEPER_LOOK_S)
        if came is not None and came.si_signo == SHARES:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            time.sleep(SHARE_S)  # a worker that did not see the end yet prolongs it no more
            return
        watched = _alive(watched)
        if came is not None and came.si_pid not in watched:
            watched[came.si_pid] = _opened_process(came.si_pid)
        if came is not None or watched:
            until = time.monotonic() + keep_s


def _alive(watched: dict[int, int | None]) -> dict[int, int | None]:
    """Return which of these processes live, by pid; the descriptors of the others are closed."""
    alive = {}
    for pid, process in watched.items():
        if _is_alive(process):
            alive[pid] = process
        elif process is not None:
            os.close(process)
    return alive


def _close_all_but(*kept: int | None) -> None:
    """Let go of the run folder, its disk and the logs."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) not in kept:
            try:
                os.close(int(name))
            except OSError:  # of the listing itself
                pass


def _opened_process(pid: int) -> int | None:
    """Return a descriptor of a process, which never means a later one with the same pid."""
    try:
        return os.open("/proc/%d" % pid, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None


def _is_alive(process: int | None) -> bool:
    """Return whether a process lives; one that ended and was not waited for does not."""
    if process is None:
        return False
    try:
        stat = os.open("stat", os.O_RDONLY | os.O_CLOEXEC, dir_fd=process)
    except OSError:
        return False
    try:
        return os.read(stat, 1024).rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except (OSError, IndexError):
        return False
    finally:
        os.close(stat)
