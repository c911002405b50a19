"""Keeps the portal's services alive together: starts them, starts them again, ends them all."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)

STOP_LIMIT_S = 25
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 30.0
# One that lived this long was well; its next failure is the first one again.
STEADY_S = 60.0
LOG_LIMIT_BYTES = 10 * 2**20


@dataclass(frozen=True, kw_only=True)
class Service:
    """A program that is to run all the time; what it says goes to `logs/NAME.log` of the home."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]

    @property
    def log(self) -> Path:
        return Path(settings.GUARDIANFLOW_HOME) / "logs" / f"{self.name}.log"


class Keeper:
    """Keeps one service alive: starts it again when it ends, later after each quick failure."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.process: subprocess.Popen[bytes] | None = None
        self._started_at = self._start_at = 0.0
        self._failures = 0

    def keep(self) -> float:
        """Start the service if it is due; return after how many seconds to look again."""
        now = time.monotonic()
        if self.process is not None and not self.is_alive:
            self._note_end(self.process.wait(), now)
        if self.process is None and now >= self._start_at:
            self.process, self._started_at = _start(self.service), now
        return LONGEST_WAIT_S if self.process is not None else max(0.0, self._start_at - now)

    @property
    def is_alive(self) -> bool:
        """Whether it runs; what a dead one left in its session, and would hold its port, is ended.

        The rest goes before the dead one is taken note of: until then its number is no other's.
        """
        if self.process is None or self.process.returncode is not None:
            return False
        seen = os.WEXITED | os.WNOHANG | os.WNOWAIT
        if os.waitid(os.P_PID, self.process.pid, seen) is None:
            return True
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        return False

    def ask_to_stop(self) -> None:
        if self.process is not None and self.is_alive:
            self.process.terminate()

    def kill(self) -> None:
        """End it and its own session; scripts have sessions of their own and stay."""
        if self.process is not None and self.is_alive:
            logger.warning("does not stop, so it is killed service=%s", self.service.name)
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def _note_end(self, status: int, now: float) -> None:
        self.process = None
        self._failures = 1 if now - self._started_at > STEADY_S else self._failures + 1
        wait_s = min(FIRST_WAIT_S * 2 ** min(self._failures - 1, 10), LONGEST_WAIT_S)
        self._start_at = now + wait_s
        logger.warning(
            "ended service=%s status=%s starts again in %.0f s, see %s",
            self.service.name,
            status,
            wait_s,
            self.service.log,
        )


@contextlib.contextmanager
def running(services: Sequence[Service]) -> Iterator[list[Keeper]]:
    """Start services and end them all at the end; the caller calls each keeper's `keep`."""
    keepers = [Keeper(service) for service in services]
    try:
        for keeper in keepers:
            keeper.keep()
        yield keepers
    finally:
        stop(keepers)


def stop(keepers: Sequence[Keeper]) -> None:
    """Ask all to stop, and kill what has not stopped in time."""
    for keeper in keepers:
        keeper.ask_to_stop()
    deadline = time.monotonic() + STOP_LIMIT_S
    while time.monotonic() < deadline and any(keeper.is_alive for keeper in keepers):
        time.sleep(0.1)
    for keeper in keepers:
        keeper.kill()


def _start(service: Service) -> subprocess.Popen[bytes]:
    """Start it in a session of its own, away from the terminal's signals; it ends with us."""
    with _open_log(service.log) as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal.tethered", str(os.getpid()), *service.argv],
            cwd=settings.GUARDIANFLOW_HOME,
            env={**service.environment, "PYTHONPATH": _python_path(service.environment)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    logger.info("started service=%s pid=%s", service.name, process.pid)
    return process


def _python_path(environment: Mapping[str, str]) -> str:
    return os.pathsep.join(filter(None, [str(settings.BASE_DIR), environment.get("PYTHONPATH")]))


@contextlib.contextmanager
def _open_log(path: Path) -> Iterator[int]:
    """Open a log for appending; one that has grown long is set aside, the one before is lost."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_suffix(".log.1"))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
