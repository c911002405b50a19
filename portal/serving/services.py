"""Keep the portal's services alive together, each with a log of its own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from runs_app.system.keeper import Keeper, stop

STOP_LIMIT_S = 25
LOG_LIMIT_BYTES = 10 * 2**20


@dataclass(frozen=True, kw_only=True)
class Service:
    """A long-running program; its output goes to `logs/NAME.log` in the data directory."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    # Open file descriptors that the program inherits, such as a listening socket.
    descriptors: tuple[int, ...] = ()

    @property
    def log(self) -> Path:
        return Path(settings.GUARDIANFLOW_HOME) / "logs" / f"{self.name}.log"


@contextlib.contextmanager
def running(services: Sequence[Service]) -> Iterator[list[Keeper]]:
    """Start services, and stop them all on exit; the caller calls each keeper's `keep`."""
    keepers = [keeper_of(service) for service in services]
    try:
        for keeper in keepers:
            keeper.keep()
        yield keepers
    finally:
        stop(keepers, limit_s=STOP_LIMIT_S)


def keeper_of(service: Service) -> Keeper:
    """Return the keeper that restarts a service."""
    return Keeper(service.name, lambda: _start(service), where=str(service.log))


def _start(service: Service) -> subprocess.Popen[bytes]:
    """Start it in its own session, away from the terminal's signals; it ends with this process."""
    with _open_log(service.log) as log:
        return subprocess.Popen(
            [sys.executable, "-m", "portal.serving.tethered", str(os.getpid()), *service.argv],
            cwd=settings.GUARDIANFLOW_HOME,
            env={**service.environment, "PYTHONPATH": _python_path(service.environment)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=service.descriptors,
        )


def _python_path(environment: Mapping[str, str]) -> str:
    return os.pathsep.join(filter(None, [str(settings.BASE_DIR), environment.get("PYTHONPATH")]))


@contextlib.contextmanager
def _open_log(path: Path) -> Iterator[int]:
    """Open a log for appending; rotate it once it is large, keeping one old file."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_suffix(".log.1"))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
