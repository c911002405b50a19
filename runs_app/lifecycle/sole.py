"""Processes that commands start in the background, of each kind one at a time.

The command that starts one takes its lock and hands it over, so that there is no moment in which a
second command sees neither.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from runs_app.runner.own_file import is_held
from runs_app.system import commands, locks

# Outlasts those that only look whether a lock is held.
TRIES = 20
# Outlasts several commands that decide one after another, each of which starts a process at most.
DECISION_TRIES = 100


@dataclass(frozen=True, kw_only=True)
class SoleProcess:
    """A command that one process of this data directory at a time carries out.

    One is started at most every `every_s` seconds.
    """

    command: str
    every_s: float = 0

    @property
    def lock(self) -> Path:
        """The file that the process holds while it is at work."""
        return Path(settings.GUARDIANFLOW_HOME) / f"{self.command}.lock"

    @property
    def stamp(self) -> Path:
        """The file whose time is the last start; held by the command that decides on another."""
        return self.lock.with_suffix(".stamp")

    def is_at_work(self) -> bool:
        """Return whether a process holds the lock."""
        return is_held(self.lock)

    def start(self) -> bool:
        """Start the process, detached, unless one works; return whether one does now.

        Where the last start was a moment ago, none is started. Raises OSError.
        """
        self._make_stamp()
        with locks.hold(self.stamp, tries=DECISION_TRIES) as decides:
            if not decides:
                return False
            if self.is_at_work():
                return True
            with locks.taken(self.lock, tries=TRIES) as descriptor:
                return descriptor is not None and self._start(descriptor)

    @contextmanager
    def at_work(self, handed: int | None) -> Iterator[bool]:
        """Hold the lock in the process itself; yield whether it does.

        `handed` is the descriptor of the lock that its command took; without one it is taken here.
        """
        if handed is not None:
            os.set_inheritable(handed, False)
            try:
                yield True
            finally:
                os.close(handed)
            return
        with locks.hold(self.lock, tries=TRIES) as ours:
            yield ours

    def _start(self, descriptor: int) -> bool:
        if self._was_just_started():
            return False
        self.stamp.touch()
        return bool(commands.detach(self.command, "--lock", str(descriptor), keep=(descriptor,)))

    def _make_stamp(self) -> None:
        """Make the stamp if there is none, with a time long ago: nothing was started yet."""
        with suppress(FileExistsError):
            os.close(os.open(self.stamp, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            os.utime(self.stamp, (0, 0))

    def _was_just_started(self) -> bool:
        # A clock that was set back leaves a time in the future.
        started_at_s = self.stamp.stat().st_mtime
        return abs(time.time() - started_at_s) < self.every_s
