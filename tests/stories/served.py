"""A portal of a story's own: a home, a tree of experiments, and everything that `up` serves."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.portal.processes import free_port, status_of
from tests.stories.browser import Browser
from tests.waiting import LIMIT_S, wait_until

PROJECT = Path(__file__).parents[2]
FIXTURES = PROJECT / "fixtures" / "experiments"


class ServedPortal:
    """Starts `guardianflow up`; commands run beside it with the same settings."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.roots = folder / "experiments"
        self.home = folder / "home"
        self._output = folder / "up.log"
        shutil.copytree(FIXTURES, self.roots)
        self.home.mkdir()
        self.port, self.mlflow_port = free_port(), free_port()
        self.environment = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(folder),
            "GUARDIANFLOW_HOME": str(self.home),
            "GUARDIANFLOW_ROOTS": str(self.roots),
            # Scripts would leave compiled modules in their directories.
            "PYTHONDONTWRITEBYTECODE": "1",
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        ports = ("--port", str(self.port), "--mlflow-port", str(self.mlflow_port))
        with self._output.open("wb") as log:
            self._process = subprocess.Popen(
                self._argv("up", *ports), env=self.environment, stdout=log, stderr=log
            )
        wait_until(lambda: "Portal: " in self.output, what="the portal is served")

    def stop(self) -> None:
        """Stop as a service manager would; everything that was started must be gone then."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(LIMIT_S) == 0, self.output

    @contextmanager
    def working(self) -> Iterator[None]:
        """Let a worker work meanwhile, without pages and without MLflow's."""
        folder = self.home / "logs"
        folder.mkdir(exist_ok=True)
        with (folder / "worker.log").open("wb") as log:
            worker = subprocess.Popen(
                self._argv("worker"), env=self.environment, stdout=log, stderr=log
            )
        try:
            yield
        finally:
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(LIMIT_S) == 0, self.log("worker")

    @property
    def output(self) -> str:
        return self._output.read_text(errors="replace")

    @property
    def password(self) -> str:
        found = re.search(r"Log in as admin with the password (\S+)", self.output)
        assert found, self.output
        return found[1]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def browser(self, username: str, password: str) -> Browser:
        browser = Browser(self.address)
        assert "/login/" not in browser.log_in(username, password).url, username
        return browser

    def guardianflow(self, *arguments: str) -> str:
        """Run a command and return what it wrote; it must succeed."""
        done = subprocess.run(
            self._argv(*arguments),
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask_mlflow(self, program: str, *arguments: str) -> str:
        """Run a Python program that talks to MLflow's server, whose address is its first word.

        The server starts last and long after the portal answers; the program gets the portal's
        environment, not what earlier tests left of MLflow's settings in this process.
        """
        address = f"http://127.0.0.1:{self.mlflow_port}"
        wait_until(
            lambda: status_of(f"{address}/health") == 200,
            what=lambda: f"MLflow answers: {self.log('mlflow')}",
        )
        done = subprocess.run(
            [sys.executable, "-c", program, address, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def log(self, service: str) -> str:
        return (self.home / "logs" / f"{service}.log").read_text(errors="replace")

    def _argv(self, *arguments: str) -> list[str]:
        return [sys.executable, "-c", "from portal.cli import main; main()", *arguments]
