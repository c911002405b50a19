"""One process that reads experiments for a scan, as its parent sees it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from registry_app.messages import Message
from registry_app.scan.protocol import MEMORY_STATUS, Limits, Place, Request, pack
from registry_app.texts import remarks

PROGRAM = ("-B", "-s", "-P", "-m", "registry_app.scan.reader")
END_S = 5.0
BASE = Path(__file__).resolve().parents[2]
_FROM_OUTSIDE = frozenset({-signal.SIGKILL, -signal.SIGTERM, -signal.SIGHUP})


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Why a reader did not respond.

    `lasting` is false if a retry may succeed; after a cause that came `by_chance`, the same
    request is worth one retry.
    """

    reason: Message
    lasting: bool = True
    by_chance: bool = False


class ReaderProcess:
    """One process and its pipes, from start to end. Raises OSError if it cannot be started."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.is_ready = False
        self._hung = False
        self._seen: tuple[int, float] = (0, 0.0)
        memory = os.memfd_create("place")
        os.ftruncate(memory, Place.SIZE)
        self.place = Place(memory)
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        self._requests = Connection(ours_out, readable=False)
        self.replies = Connection(ours_in, writable=False)
        self._words = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the rest
        handed = (theirs_in, theirs_out, memory)
        try:
            self._process = _start(handed, limits, self._words.fileno())
        finally:
            for descriptor in handed:
                os.close(descriptor)

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, request: Request) -> None:
        """Send a request; raises OSError if the process is gone."""
        self.place.clear()
        self._seen = (self.place.read()[0], time.monotonic())
        self._requests.send_bytes(pack(request))

    def ready(self) -> None:
        """Record that the process reported ready; its steps are timed from now on."""
        self.is_ready = True
        self._seen = (self.place.read()[0], time.monotonic())

    def hangs(self) -> bool:
        """Whether it has made no progress for too long."""
        steps, now = self.place.read()[0], time.monotonic()
        if steps != self._seen[0]:
            self._seen = (steps, now)
        self._hung = now - self._seen[1] > self._patience_s()
        return self._hung

    def _patience_s(self) -> float:
        is_at_a_step = self.is_ready and self.place.read()[1]
        return self._limits.step_wall_s if is_at_a_step else self._limits.start_wall_s

    def end(self) -> Cause:
        """Kill a hanging process, or wait for one that is exiting; return why it failed."""
        if not self._hung:
            self._wait()
        self.kill()
        if self._hung:
            seconds = round(self._patience_s())
            return Cause(reason=remarks.HUNG(seconds=seconds), lasting=False)
        return _cause_of_death(self._process.returncode, self._limits)

    def memory_bytes(self) -> int:
        """Return the physical memory that it holds; 0 if it is gone."""
        try:
            pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        except (OSError, IndexError):
            return 0
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def kill(self) -> None:
        """Kill it immediately; a process that the kernel cannot kill is left to the kernel."""
        self._process.kill()
        self._wait()

    def _wait(self) -> None:
        try:
            self._process.wait(timeout=END_S)
        except subprocess.TimeoutExpired:
            return

    def last_words(self) -> str:
        """Return the last line of its stderr, to debug a failed start."""
        self._words.seek(0)
        lines = self._words.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"exit status {self._process.returncode}"

    def close(self) -> None:
        """Close the pipes and the shared memory; call it only after the process ended."""
        self._requests.close()
        self.replies.close()
        self.place.close()
        self._words.close()


def _start(handed: tuple[int, ...], limits: Limits, words: int) -> subprocess.Popen[bytes]:
    """Start a reader in its own session: only its parent handles Ctrl-C."""
    return subprocess.Popen(
        [
            sys.executable,
            *PROGRAM,
            *(str(descriptor) for descriptor in handed),
            pack(limits).decode(),
        ],
        cwd="/",
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=words,
        pass_fds=handed,
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    """Return a reader's environment variables: the path of our code, and no secrets.

    Sets are in the same order in every reader, so that scans are reproducible.
    """
    names = ("LANG", "LC_ALL", "LC_CTYPE", "PYTHONUTF8", "TZ")
    known = {name: os.environ[name] for name in names if name in os.environ}
    return known | {"PYTHONPATH": str(BASE), "PYTHONHASHSEED": "0"}


def _cause_of_death(status: int | None, limits: Limits) -> Cause:
    if status == -signal.SIGXCPU:
        return Cause(reason=remarks.TOO_SLOW(seconds=limits.step_cpu_s))
    if status == MEMORY_STATUS:
        return Cause(reason=remarks.TOO_MUCH_MEMORY())
    if status is None or status >= 0:
        reason = remarks.READER_DIED(problem=f"exit status {status}")
        return Cause(reason=reason, lasting=False, by_chance=True)
    is_chance = status in _FROM_OUTSIDE
    reason = remarks.READER_DIED(problem=signal.Signals(-status).name)
    return Cause(reason=reason, lasting=not is_chance, by_chance=is_chance)
