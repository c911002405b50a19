"""Builds the world in a folder of its own, and serves it: the web server of `up`, and a worker."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.portal.processes import free_port, status_of
from tests.waiting import LIMIT_S, wait_until


class World:
    """A data directory, its experiments, and the address at which it is served."""

    def __init__(self, folder: Path, empty_database: Path) -> None:
        self.home, self.roots = folder / "home", folder / "experiments"
        self.home.mkdir()
        self.roots.mkdir()
        shutil.copy(empty_database, self.home / "portal.sqlite3")
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._environment = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(folder),
            "GUARDIANFLOW_HOME": str(self.home),
            "GUARDIANFLOW_ROOTS": str(self.roots),
            "GUARDIANFLOW_URL": self.address,
            # Scripts would leave compiled modules in their directories.
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def build(self) -> None:
        """Scan the directories, employ the people, and carry out the past runs."""
        self.call("manage.py", "build_assets")
        self.call("-m", "tests.browser.world")

    @contextlib.contextmanager
    def served(self) -> Iterator[World]:
        """Serve the pages, and let a worker work."""
        self._serve()
        self._start("worker", "-c", "from portal.cli import main; main()", "worker")
        try:
            self._wait_until_healthy()
            yield self
        finally:
            for process in self._processes.values():
                process.send_signal(signal.SIGTERM)
            for process in self._processes.values():
                process.wait(LIMIT_S)

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """Let connections be refused meanwhile."""
        self._processes["web"].terminate()
        self._processes["web"].wait(LIMIT_S)
        yield
        self._serve()
        self._wait_until_healthy()

    @contextlib.contextmanager
    def hanging(self) -> Iterator[None]:
        """Let connections be accepted meanwhile, and never answered."""
        self._processes["web"].send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._processes["web"].send_signal(signal.SIGCONT)

    def number(self, table: str, **values: str) -> int:
        """Return the number of the only row with these values."""
        where = " AND ".join(f"{column} = ?" for column in values) or "TRUE"
        with contextlib.closing(sqlite3.connect(self.home / "portal.sqlite3")) as database:
            rows = database.execute(
                f"SELECT id FROM {table} WHERE {where}",  # noqa: S608
                list(values.values()),
            ).fetchall()
        [(found,)] = rows
        return int(found)

    def log(self, name: str) -> str:
        return (self.home / f"{name}.test.log").read_text(errors="replace")

    def portal(self, *arguments: str) -> str:
        """Return what a command of `manage.py` printed."""
        return self.call("manage.py", *arguments)

    def call(self, *arguments: str) -> str:
        """Return what Python printed in the environment of the world."""
        done = subprocess.run(
            [sys.executable, *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout

    def _serve(self) -> None:
        with socket.socket() as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind(("127.0.0.1", self.port))
            door.listen()
            number = str(door.fileno())
            self._start("web", "-m", "portal.serving.web_server", number, keep=door.fileno())

    def _wait_until_healthy(self) -> None:
        wait_until(
            lambda: status_of(f"{self.address}/healthz") == 200,
            what=lambda: f"the portal is healthy: {self.log('web')}{self.log('worker')}",
        )

    def _start(self, name: str, *arguments: str, keep: int | None = None) -> None:
        with (self.home / f"{name}.test.log").open("wb") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, *arguments],
                env=self._environment,
                stdout=log,
                stderr=log,
                pass_fds=[] if keep is None else [keep],
            )
