"""Serving the portal with real processes: it comes up, it ends whole, and scripts stay."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from django.utils import translation
from pytest_django import Settings

from portal.serving.up import Addresses, ServeError, check_no_worker, check_ports, welcome
from runs_app.system import locks
from runs_app.worker import parent
from tests.factories import make_directory
from tests.portal.processes import free_port, status_of
from tests.processes import alive, below, command_of
from tests.waiting import LIMIT_S, wait_until

PROJECT = Path(__file__).parents[3]
real = [pytest.mark.processes]
NO_LISTENER = "http://127.0.0.1:9"
WAITS_FOR_GO = """\
import os, time
print("started", flush=True)
while not os.path.exists("go"):
    time.sleep(0.05)
print("ended", flush=True)
"""


@dataclass
class Stage:
    """A home and a root; `up` and other commands run with them."""

    folder: Path
    # Most of these tests are not about MLflow, whose server takes long to start.
    serves_mlflow: bool = False
    port: int = field(default_factory=free_port)
    mlflow_port: int = field(default_factory=free_port)
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        away = {} if self.serves_mlflow else {"MLFLOW_TRACKING_URI": NO_LISTENER}
        return away | {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "GUARDIANFLOW_HOME": str(self.folder / "home"),
            "GUARDIANFLOW_ROOTS": str(self.folder / "experiments"),
        }

    def up(self, *, port: int = 0) -> subprocess.Popen[bytes]:
        ports = ("--port", str(port or self.port), "--mlflow-port", str(self.mlflow_port))
        with self._log(len(self.started)).open("wb") as log:
            process = subprocess.Popen(
                [*self._program, "up", *ports],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.started.append(process)
        return process

    def served(self) -> subprocess.Popen[bytes]:
        """Start it and wait until it says where it is."""
        process = self.up()
        wait_until(
            lambda: "Logs: " in self.output or process.poll() is not None, what="it is served"
        )
        assert process.poll() is None, self.output
        return process

    def guardianflow(self, *arguments: str) -> str:
        return subprocess.run(
            [*self._program, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    def status_of_run(self, run: str) -> str:
        """Look into the database: a command for each look would start a process for each."""
        file = self.folder / "home" / "portal.sqlite3"
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            [status] = database.execute("SELECT status FROM runs_app_run WHERE id = ?", [run])
        return str(status[0])

    @property
    def output(self) -> str:
        """What the latest `up` has printed."""
        return self._log(len(self.started) - 1).read_text(errors="replace")

    def _log(self, number: int) -> Path:
        return self.folder / f"up{number}.log"

    @property
    def _program(self) -> list[str]:
        code = "from portal.cli import main; main()"
        return [sys.executable, "-c", code]


@pytest.fixture
def stage(tmp_path: Path, empty_database: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    (tmp_path / "experiments").mkdir()
    (tmp_path / "home").mkdir()
    shutil.copy(empty_database, tmp_path / "home" / "portal.sqlite3")
    yield stage
    for process in stage.started:
        process.kill()
        process.wait()


class TestForReal:
    pytestmark = real

    @pytest.mark.proof
    @pytest.mark.mlflow
    @pytest.mark.first
    def test_it_serves_all_and_a_signal_leaves_nothing(
        self, stage: Stage, empty_store: Path
    ) -> None:
        (stage.folder / "home" / "mlflow").mkdir()
        shutil.copy(empty_store, stage.folder / "home" / "mlflow" / "mlflow.sqlite3")
        stage.serves_mlflow = True
        up = stage.served()
        portal, mlflow = (f"http://127.0.0.1:{item}" for item in (stage.port, stage.mlflow_port))
        assert portal in stage.output
        assert mlflow in stage.output
        assert len(re.findall(r"Log in as admin with the password \S{12,}", stage.output)) == 1
        wait_until(
            lambda: "guardianflow scan --import" in stage.output, what="it says what to do first"
        )
        wait_until(lambda: status_of(f"{portal}/admin/login/") == 200, what="pages answer")
        assert not (stage.folder / "home" / "logs" / "mlflow.log").exists()
        assert status_of(f"{mlflow}/") == 503, "the first client is told that it starts"
        wait_until(lambda: status_of(f"{mlflow}/health") == 200, what="MLflow answers")
        wait_until(lambda: status_of(f"{portal}/healthz") == 200, what="all is well")
        processes = below(up.pid)
        up.send_signal(signal.SIGTERM)
        assert up.wait(LIMIT_S) == 0
        assert not alive(processes)
        assert status_of(f"{portal}/healthz") == 0

    @pytest.mark.proof
    def test_killed_with_a_run_it_takes_its_services_and_leaves_the_script(
        self, stage: Stage
    ) -> None:
        directory = make_directory(
            stage.folder / "experiments", "sampyo-gimhae-bct", {"train.py": WAITS_FOR_GO}
        )
        up = stage.served()
        stage.guardianflow("scan", "--import")
        run = stage.guardianflow("run", "sampyo-gimhae-bct", "--queue").strip()
        wait_until(lambda: stage.status_of_run(run) == "running", what="it runs")
        services = below(up.pid)
        up.kill()
        up.wait()
        wait_until(lambda: not alive(services), what="the services have ended")
        (directory / "go").touch()
        stage.served()
        assert "password" not in stage.output  # it was shown already
        wait_until(lambda: stage.status_of_run(run) == "succeeded", what="the run succeeds")
        assert stage.guardianflow("logs", run) == "started\nended\n"

    @pytest.mark.proof
    def test_a_service_that_is_killed_comes_back(self, stage: Stage) -> None:
        up = stage.served()
        services = psutil.Process(up.pid).children()
        [web] = [
            service for service in services if "portal.serving.web_server" in command_of(service)
        ][:1]
        web.kill()
        wait_until(lambda: not alive([web]), what="the web server is dead")
        wait_until(
            lambda: status_of(f"http://127.0.0.1:{stage.port}/admin/login/") == 200,
            what="another one answers",
        )
        assert "ended service=web" in stage.output
        services = below(up.pid)
        up.send_signal(signal.SIGINT)
        assert up.wait(LIMIT_S) == 0
        assert not alive(services)

    def test_a_second_one_for_the_same_home_is_refused_in_one_line(self, stage: Stage) -> None:
        first = stage.served()
        wait_until(
            lambda: "worker started" in (stage.folder / "home/logs/worker.log").read_text(),
            what="the worker has its lock",
        )
        stage.mlflow_port = free_port()
        second = stage.up(port=free_port())
        assert second.wait(LIMIT_S) == 2
        assert "A worker is running" in stage.output
        assert len(stage.output.strip().splitlines()) == 1
        assert first.poll() is None

    def test_a_port_in_use_is_reported_in_one_line(self, stage: Stage) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            up = stage.up(port=taken.getsockname()[1])
            assert up.wait(LIMIT_S) == 2
        assert re.fullmatch(r"guardianflow: Port \d+ .* in use.*--port\.\n", stage.output)


def at(host: str, port: int = 8000) -> Addresses:
    return Addresses(host=host, port=port, mlflow_port=5000)


@pytest.mark.parametrize(
    ("host", "web", "probe"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000", "http://127.0.0.1:8000/healthz"),
        ("::1", "http://[::1]:8000", "http://[::1]:8000/healthz"),
        ("0.0.0.0", f"http://{socket.gethostname()}:8000", "http://127.0.0.1:8000/healthz"),  # noqa: S104
    ],
)
def test_the_address_follows_from_where_it_listens(host: str, web: str, probe: str) -> None:
    assert at(host).web_url == web
    assert at(host).probe_url == probe
    assert at(host).environment()["GUARDIANFLOW_URL"] == web


def test_an_address_that_is_set_stands(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setenv("GUARDIANFLOW_URL", "https://guardianflow.example")
    settings.GUARDIANFLOW_URL = "https://guardianflow.example"
    assert at("127.0.0.1").web_url == "https://guardianflow.example"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("url", "is_told"),
    [
        ("http://127.0.0.1:8765", True),
        ("http://localhost:8765", True),
        ("http://[::1]:8765", True),
        ("http://127.0.0.1", True),
        ("http://127.0.0.1:8000", False),
        ("http://localhost:8000", False),
        # A proxy has the port that people type.
        ("https://localhost", False),
        ("https://guardianflow.example", False),
        ("http://gpu1:8765", False),
    ],
)
def test_an_address_here_with_another_port_is_told_with_the_option(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, url: str, is_told: bool
) -> None:
    monkeypatch.setenv("GUARDIANFLOW_URL", url)
    settings.GUARDIANFLOW_URL = url
    with translation.override("ko"):
        first, second, *_rest = welcome(at("127.0.0.1"), None)
    assert first == f"포털:    {url}"
    assert ("http://127.0.0.1:8000에서 요청을 받습니다" in second) is is_told
    assert ("--port" in second) is is_told


def test_a_shared_mlflow_is_linked_to_and_not_served(settings: Settings) -> None:
    settings.MLFLOW_IS_EMBEDDED = False
    settings.MLFLOW_TRACKING_URI = "http://mlflow.example"
    assert at("127.0.0.1").mlflow_url == "http://mlflow.example"
    assert not at("127.0.0.1").serves_mlflow


def test_an_address_of_another_machine_is_reported() -> None:
    with pytest.raises(ServeError, match=r"cannot be used \(.+\)\. Change --port"):
        check_ports(at("192.0.2.1"))


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_no_machine_has_is_reported(port: int) -> None:
    with pytest.raises(ServeError, match=r"cannot be used \(0-65535\)\. Change --port"):
        check_ports(Addresses(host="127.0.0.1", port=port, mlflow_port=5000))


def test_a_worker_of_this_home_is_reported(settings: Settings, tmp_path: Path) -> None:
    settings.GUARDIANFLOW_HOME = tmp_path
    check_no_worker()
    with (
        locks.hold(tmp_path / parent.LOCK),
        pytest.raises(ServeError, match="A worker is running"),
    ):
        check_no_worker()
