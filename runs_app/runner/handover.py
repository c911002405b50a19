"""Keeps the lock on the directory of an ended run while its files are collected.

The supervisor leaves a keeper, which has the lock; see `guards.directory_lock`.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from runs_app.runner.folder import RunFolder
from runs_app.runner.guards.directory_lock import BEGINS, SHARES
from runs_app.runner.process_end import is_readable, open_process
from runs_app.runner.supervisor import start_ticks

# A killed process ends at once; the rest allows for a busy machine.
END_LIMIT_S = 5.0
MAX_PID = 2**22


@contextmanager
def keeping_directory(
    folder: RunFolder, *, is_shared: Callable[[], bool] = lambda: False
) -> Iterator[Callable[[], bool]]:
    """Keep other portals out of the directory of an ended run, and let them in afterwards.

    Yields a function that returns whether it was locked all the time since the script ended.
    Otherwise a run of another portal may have used it since. The lock may be lost meanwhile.
    `is_shared` is asked at the end: if another run of this portal is there, that gets the time to
    take the lock shared first.
    """
    keeper = _keeper(folder)
    if keeper is None:
        yield lambda: False
        return
    try:
        _tell(keeper, BEGINS)
        yield lambda: not is_readable(keeper, 0)
    finally:
        if is_shared():
            _tell(keeper, SHARES)
        else:
            _tell(keeper, signal.SIGKILL)
            is_readable(keeper, END_LIMIT_S)
        os.close(keeper)


def has_keeper(folder: RunFolder) -> bool:
    """Return whether the directory of an ended run is still locked for it."""
    keeper = _keeper(folder)
    if keeper is None:
        return False
    try:
        return not is_readable(keeper, 0)
    finally:
        os.close(keeper)


def keep_on(folder: RunFolder) -> None:
    """Have the directory of an ended run stay locked for as long as this process lives.

    The keeper counts from its last sign of a worker, and a collection may begin much later.
    """
    keeper = _keeper(folder)
    if keeper is not None:
        _tell(keeper, BEGINS)
        os.close(keeper)


def _tell(keeper: int, number: signal.Signals) -> None:
    with suppress(OSError):  # it has ended, or is another user's
        signal.pidfd_send_signal(keeper, number)


def _keeper(folder: RunFolder) -> int | None:
    """Return a descriptor of the keeper of a run, None if there is none."""
    record = folder.exit_record()
    if record is None or not 0 < record.lock_keeper <= MAX_PID:
        return None
    process = open_process(record.lock_keeper)
    is_ours = _is_keeper(record.lock_keeper, record.lock_keeper_start_ticks, folder)
    if process is not None and not is_ours:
        os.close(process)
        return None
    return process


def _is_keeper(pid: int, ticks: int, folder: RunFolder) -> bool:
    """Return whether a process is the one of the exit record, which its script may have written."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read().split(b"\0")
        return start_ticks(pid) == ticks and any(_leads_to(word, folder) for word in words)
    except (OSError, IndexError):
        return False


def _leads_to(word: bytes, folder: RunFolder) -> bool:
    try:
        return word.startswith(b"/") and os.path.samefile(word, folder.path)
    except OSError:
        return False
