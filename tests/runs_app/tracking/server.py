"""A real MLflow server for tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.portal.processes import free_port, status_of
from tests.waiting import wait_until


class Server:
    """A real MLflow server, which can be killed and started again.

    Its database is a copy of an empty store: a server takes long to make its own.
    """

    def __init__(self, folder: Path, empty_store: Path) -> None:
        self._folder = folder
        shutil.copy(empty_store, folder / "mlflow.sqlite3")
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.database = f"sqlite:///{folder / 'mlflow.sqlite3'}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")
        }
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "mlflow", "server", "--workers", "1"),
                    *("--host", "127.0.0.1", "--port", str(self._port)),
                    *("--backend-store-uri", self.database),
                    *("--artifacts-destination", str(self._folder / "artifacts")),
                ],
                env=inherited | quiet,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(
            lambda: status_of(f"{self.url}/health") == 200,
            what=lambda: (self._folder / "log").read_text()[-2000:],
        )

    def kill(self) -> None:
        """Kill the server and what it started."""
        if self._process is not None:
            os.killpg(self._process.pid, 9)
            self._process.wait()
            self._process = None
