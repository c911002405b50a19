"""A home of its own for a test, and the portal's real processes in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.db import connection
from pytest_django import Settings

from registry_app.models import Experiment
from runs_app.executors import chosen, fencing
from runs_app.executors.base import Executor
from runs_app.executors.local import devices
from runs_app.runner.isolation.fence import OLDEST_LEVEL, supported_level
from runs_app.system import commands
from runs_app.tracking import store as tracking_store
from tests.doubles.gpus import Gpus, plug_in
from tests.doubles.spool_executor import SpoolExecutor
from tests.factories import make_directory, make_entry_point, make_experiment, make_script
from tests.runs_app.tracking.server import Server
from tests.waiting import LIMIT_S

DETACHED = {"finish_runs", "send_run"}
TRAIN = """\
import argparse, csv, sys
from tests.waiting import LIMIT_S
parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=3)
options = parser.parse_args()
with open("results.csv", "w", newline="") as file:
    rows = csv.writer(file)
    rows.writerow(["epoch", "  metrics/mAP50(B)"])
    for epoch in range(1, options.epochs + 1):
        rows.writerow([epoch, epoch / 10])
        print("epoch", epoch, flush=True)
open("best.pt", "wb").write(b"weights")
print("a warning", file=sys.stderr)
"""


@dataclass(frozen=True, kw_only=True)
class Home:
    """The folders of a portal and of its experiments, and the address of its MLflow store."""

    path: Path
    roots: Path
    store: str

    def experiment(
        self,
        name: str = "sampyo-gimhae-bct",
        *,
        script: str = TRAIN,
        parameters: list[dict[str, object]] | None = None,
        template: str = "",
        overlap: bool | None = None,
        timeout_s: int | None = None,
        grace_s: int | None = None,
        **resources: Any,
    ) -> Experiment:
        """Write a directory with a train.py and register it."""
        directory = make_directory(self.roots, name, {"train.py": script})
        experiment = make_experiment(name, path=str(directory))
        make_entry_point(
            experiment,
            args_template=template,
            overlap=overlap,
            timeout_s=timeout_s,
            grace_s=grace_s,
            **resources,
        )
        make_script(experiment, parameters=parameters or [])
        return experiment


@pytest.fixture(scope="session")
def mlflow_store(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> str:
    """The address of one embedded MLflow store for all tests of this process."""
    file = tmp_path_factory.mktemp("mlflow") / "mlflow.sqlite3"
    shutil.copy(empty_store, file)
    return f"sqlite:///{file}"


@pytest.fixture(scope="session")
def mlflow_server(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> Iterator[Server]:
    """One running MLflow server for all tests of this process; a start takes longest."""
    server = Server(tmp_path_factory.mktemp("mlflow-server"), empty_store)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def served_mlflow(
    home: Home, mlflow_server: Server, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Server]:
    """Let the portal send to that server."""
    settings.MLFLOW_TRACKING_URI = mlflow_server.url
    monkeypatch.setattr(tracking_store, "PROBE_TIMEOUT_S", LIMIT_S)
    tracking_store.client.cache_clear()
    yield mlflow_server
    tracking_store.client.cache_clear()


@pytest.fixture
def mlflow(home: Home) -> None:
    """Open the store in this process, past the warnings of MLflow's own code."""
    with warnings.catch_warnings(action="ignore"):
        # An earlier test of this process may have opened another one.
        tracking_store.client.cache_clear()
        tracking_store.client()


@pytest.fixture
def own_experiment(settings: Settings, home: Home) -> None:
    """Give this test an MLflow experiment of its own, whose artifacts are below its home.

    All tests of a process share a store, so one of the usual name may be of an earlier test.
    """
    settings.GUARDIANFLOW_MLFLOW_EXPERIMENT = f"{home.path.parent.name}/{{experiment}}"


@pytest.fixture
def home(
    settings: Settings,
    tmp_path: Path,
    mlflow_store: str,
    known_interpreters: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Home]:
    """Lead the settings, and every process that is started, to folders of this test."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{connection.settings_dict['NAME']}")
    home = move_in(tmp_path, store=mlflow_store, settings=settings, monkeypatch=monkeypatch)
    known_interpreters(home.path)
    detach, detached = commands.detach, set[str]()

    def noted(command: str, *arguments: str, keep: Collection[int] = ()) -> int:
        detached.add(command)
        return detach(command, *arguments, keep=keep)

    monkeypatch.setattr(commands, "detach", noted)
    yield home
    if detached:
        end_detached()


def move_in(base: Path, *, store: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Make a home below `base`, and lead settings and processes to it; the database stays."""
    path, roots = base / "home", base / "experiments"
    path.mkdir()
    roots.mkdir()
    # A process with another key could not read the messages of this one.
    (path / "secret_key").write_text(settings.SECRET_KEY)
    settings.GUARDIANFLOW_HOME = path
    settings.GUARDIANFLOW_ROOTS = [roots]
    settings.GUARDIANFLOW_PYTHON = sys.executable
    settings.RUNS_DIR = path / "runs"
    settings.SPOOL_DIR = path / "spool"
    settings.MLFLOW_HOME = path / "mlflow"
    settings.MLFLOW_ARTIFACTS = path / "mlflow" / "artifacts"
    settings.MLFLOW_TRACKING_URI = store
    settings.MLFLOW_REMEMBERED_URI = path / "mlflow_tracking_uri"
    for name, value in {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "GUARDIANFLOW_HOME": str(path),
        "GUARDIANFLOW_ROOTS": str(roots),
        "MLFLOW_TRACKING_URI": store,
        "PYTHONPATH": str(settings.BASE_DIR),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    return Home(path=path, roots=roots, store=store)


@pytest.fixture
def carrier(
    request: pytest.FixtureRequest, home: Home, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Executor]:
    """What carries out the runs of a test: this machine, or with "spool" an engine of its own."""
    if getattr(request, "param", "local") == "local":
        yield chosen.executor()
        return
    # Not in the home of the test: the path of a socket is short.
    with tempfile.TemporaryDirectory(prefix="spool-") as folder:
        executor = SpoolExecutor(Path(folder))
        executor.start_engine()
        monkeypatch.setattr(chosen, "_executor", executor)
        yield executor
        executor.kill_engine()


@pytest.fixture
def fenced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let scripts be fenced although the homes of tests lie in /tmp, which is open to all."""
    if supported_level() < OLDEST_LEVEL:
        pytest.skip(f"this kernel has no Landlock of level {OLDEST_LEVEL} or newer")
    monkeypatch.setattr(fencing, "OPEN_FOLDERS", ())


@pytest.fixture
def gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gpus]:
    """GPUs of a stand-in for the driver, here and in every process of this test; none yet."""
    yield plug_in(tmp_path / "gpus.json", monkeypatch)
    devices.forget()


@dataclass
class Portal:
    """Starts the portal's commands as people do, and ends what it started."""

    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *argv: str) -> subprocess.Popen[bytes]:
        return self.start_program("-m", "django", *argv)

    def start_program(self, *argv: str, before: Sequence[str] = ()) -> subprocess.Popen[bytes]:
        """Start this Python with any other arguments, by the words of `before` if there are any."""
        process = subprocess.Popen(
            [*before, sys.executable, *argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(os.environ),
        )
        self.started.append(process)
        return process

    def start_worker(self, log: Path) -> subprocess.Popen[bytes]:
        """Start a worker that writes what it says to `log`."""
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "django", "worker"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(os.environ),
            )
        self.started.append(process)
        return process

    def run(self, *argv: str) -> subprocess.CompletedProcess[bytes]:
        process = self.start(*argv)
        stdout, stderr = process.communicate(timeout=LIMIT_S)
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    def end(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.communicate()
        end_detached()


def end_detached() -> None:
    """End what a command left to close runs and to send them to MLflow.

    It would outlive the test and look at the rows of the next one, which has the same database.
    """
    home = os.environ.get("GUARDIANFLOW_HOME")
    while found := [process for process in psutil.process_iter() if _is_detached(process, home)]:
        for process in found:
            with suppress(psutil.Error):
                process.kill()


def _is_detached(process: psutil.Process, home: str | None) -> bool:
    try:
        is_ours = not DETACHED.isdisjoint(process.cmdline()) and process.cwd() == home
        return is_ours and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


@pytest.fixture
def portal(home: Home) -> Iterator[Portal]:
    """The portal's commands in processes; the test's rows must be committed."""
    portal = Portal()
    yield portal
    portal.end()
