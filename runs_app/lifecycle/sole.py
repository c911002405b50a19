"""Processes that commands start in the background, of each kind one at a time.

The command that starts one takes its lock and hands it over, so that there is no moment in which a
second command sees neither. One that hangs is replaced.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from django.conf import settings

from runs_app.runner.own_file import is_held, read_own
from runs_app.system import at_work, commands, locks

logger = logging.getLogger(__name__)

# Outlasts those that only look whether a lock is held.
TRIES = 20
# Outlasts several commands that decide one after another, each of which starts a process at most.
DECISION_TRIES = 100


@dataclass(frozen=True, kw_only=True)
class _Holder:
    """The process that holds a lock, and how it was when it was last looked at."""

    pid: int
    start_ticks: int
    look: at_work.Look = field(default_factory=at_work.Look)


@dataclass(frozen=True, kw_only=True)
class SoleProcess:
    """A command that one process of this data directory at a time carries out.

    One is started at most every `every_s` seconds.
    """

    command: str
    every_s: float = 0

    @property
    def lock(self) -> Path:
        """The file that the process holds while it is at work; it says which process that is."""
        return Path(settings.GUARDIANFLOW_HOME) / f"{self.command}.lock"

    @property
    def stamp(self) -> Path:
        """The file whose time is the last start; held by the command that decides on another."""
        return self.lock.with_suffix(".stamp")

    def is_at_work(self) -> bool:
        """Return whether a process holds the lock, one that hangs too."""
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
                if not self._hangs():
                    return True
                self._end_hanging()
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
            if ours:
                self._note(os.getpid())
            yield ours

    def _start(self, descriptor: int) -> bool:
        if self._was_just_started():
            return False
        self.stamp.touch()
        pid = commands.detach(self.command, "--lock", str(descriptor), keep=(descriptor,))
        if pid:
            self._note(pid)
        return bool(pid)

    def _make_stamp(self) -> None:
        """Make the stamp if there is none, with a time long ago: nothing was started yet."""
        with suppress(FileExistsError):
            os.close(os.open(self.stamp, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            os.utime(self.stamp, (0, 0))

    def _was_just_started(self) -> bool:
        # A clock that was set back leaves a time in the future.
        started_at_s = self.stamp.stat().st_mtime
        return abs(time.time() - started_at_s) < self.every_s

    def _hangs(self) -> bool:
        """Return whether the holder hangs, by this look at it and those of earlier commands.

        One that cannot be seen, as in another container, is taken to be at work.
        """
        holder = self._holder()
        if holder is None or at_work.start_ticks(holder.pid) != holder.start_ticks:
            return False
        holder = replace(holder, look=holder.look.again(holder.pid))
        self._write(holder)
        return holder.look.hangs

    def _end_hanging(self) -> None:
        """Kill the holder; its lock is put away, as it may keep that until its disk answers."""
        holder = self._holder()
        if holder is None:
            return
        logger.warning("killed, as it hangs command=%s pid=%s", self.command, holder.pid)
        at_work.kill(holder.pid)
        self.lock.unlink(missing_ok=True)

    def _note(self, pid: int) -> None:
        self._write(_Holder(pid=pid, start_ticks=at_work.start_ticks(pid)))

    def _holder(self) -> _Holder | None:
        try:
            read = json.loads(read_own(self.lock))
            return _Holder(**{**read, "look": at_work.Look(**read["look"])})
        except (OSError, ValueError, TypeError, LookupError):
            return None

    def _write(self, holder: _Holder) -> None:
        with suppress(OSError):  # on a full disk it is not known who holds it
            self.lock.write_text(json.dumps(asdict(holder)), encoding="ascii")
