"""The demo as people start it: real processes in a home of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from portal.demo import home as demo_home
from portal.demo import samples as demo_samples
from tests.portal.processes import free_port
from tests.processes import alive, below
from tests.trees import fingerprint
from tests.waiting import LIMIT_S, wait_until

PROJECT = Path(__file__).parents[3]
FIXTURES = PROJECT / "fixtures" / "experiments"
real = [pytest.mark.processes, pytest.mark.mlflow]


@dataclass
class Stage:
    """A home for the demo, in a shell whose own settings lead elsewhere."""

    folder: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.folder / "demo home"

    @property
    def samples(self) -> Path:
        return self.home / "demo"

    @property
    def real_home(self) -> Path:
        return self.folder / "real"

    def settle(self, database: Path, store: Path) -> None:
        """Begin with a database and a store that are set up already."""
        (self.home / "mlflow").mkdir(parents=True)
        shutil.copy(database, self.home / "portal.sqlite3")
        shutil.copy(store, self.home / "mlflow" / "mlflow.sqlite3")

    def environment(self, **more: str) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8", **more}

    def start(self, *options: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [
                sys.executable,
                str(PROJECT / "manage.py"),
                "demo",
                "--home",
                str(self.home),
                *options,
            ],
            env=self.environment(
                GUARDIANFLOW_HOME=str(self.real_home),
                DATABASE_URL="postgres://nobody@127.0.0.1:9/x",
            ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.started.append(process)
        return process

    def play(self, *options: str) -> tuple[int, str]:
        process = self.start("--no-serve", *options)
        output, _nothing = process.communicate(timeout=LIMIT_S)
        return process.returncode, output

    def guardianflow(self, *arguments: str) -> str:
        return subprocess.run(
            [sys.executable, str(PROJECT / "manage.py"), *arguments],
            env=self.environment(
                GUARDIANFLOW_HOME=str(self.home), GUARDIANFLOW_ROOTS=str(self.samples)
            ),
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    def read_until(self, process: subprocess.Popen[str], text: str) -> str:
        """Read what the demo says up to the line with this text."""
        assert process.stdout is not None
        output = ""
        for line in process.stdout:
            output += line
            if text in line:
                return output
        raise AssertionError(f"ended without saying {text!r}: {output}")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    for process in stage.started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    return tmp_path / "demo"


class TestForReal:
    pytestmark = real

    @pytest.mark.first
    @pytest.mark.proof
    def test_a_demo_killed_midway_leaves_nothing_and_the_next_one_goes_the_whole_road(
        self, stage: Stage
    ) -> None:
        killed = stage.start()
        stage.read_until(killed, "Queued run 1")
        begun = stage.samples / "donghwa-entec-ppe" / "runs" / "train" / "exp"
        wait_until(begun.exists, what="the script has begun")
        services = below(killed.pid)
        killed.kill()
        # The script is left alone; what it makes must be there before the next one is compared.
        wait_until(lambda: list(stage.home.glob("runs/*/exit.json")), what="the script ends")
        before = fingerprint(stage.samples)

        port = free_port()
        served = stage.start("--port", str(port), "--mlflow-port", str(free_port()))
        output = stage.read_until(served, "Log in as admin with the password")
        assert "Run           2, Succeeded" in output
        assert "byte for byte" in output
        assert re.search(r"^metrics/accuracy_top1 +0\.9", output, re.MULTILINE)
        check_shown(json.loads(stage.guardianflow("show_run", "2", "--json")), output)
        now = fingerprint(stage.samples)
        assert {path: now[path][0] for path in before} == {
            path: facts[0] for path, facts in before.items()
        }
        address = re.search(r"^Portal: +(\S+)$", output, re.MULTILINE)
        assert address, output
        assert address[1].endswith(f":{port}")
        with urllib.request.urlopen(f"{address[1]}/admin/login/") as page:  # noqa: S310
            assert page.status == 200
        assert not alive(services)
        everything = below(served.pid)
        served.send_signal(signal.SIGINT)
        assert served.wait(LIMIT_S) == 0
        assert not alive(everything)
        assert not stage.real_home.exists()

    @pytest.mark.proof
    def test_a_run_that_fails_ends_the_demo_with_a_clear_line(
        self, stage: Stage, empty_database: Path, empty_store: Path
    ) -> None:
        stage.settle(empty_database, empty_store)
        broken = stage.samples / "donghwa-entec-ppe"
        broken.mkdir(parents=True)
        (broken / "train.py").write_text("print('no camera')\nraise SystemExit(3)\n")
        status, output = stage.play()
        assert status == 1
        assert "Exit status   3" in output
        last = output.strip().splitlines()[-1]
        assert "The script ended with exit status 3" in last
        folder = re.search(r"output is in (.+)\.$", last)
        assert folder, last
        assert (Path(folder[1]) / "stdout.log").read_text() == "no camera\n"


def check_shown(shown: dict[str, Any], output: str) -> None:
    """The demo says of its run what the run's own record says."""
    assert (shown["status"], shown["exit_code"], shown["mlflow_state"]) == ("succeeded", 0, "sent")
    assert shown["mlflow_experiment"] in output
    assert f"/runs/{shown['mlflow_run_id']}" in output
    assert f"/admin/runs_app/run/{shown['id']}/" in output
    made = {Path(file["path"]).name for file in shown["files"]}
    assert {"results.csv", "best.pt", "confusion_matrix.png"} <= made


def test_samples_are_copied_where_one_is_missing(samples: Path) -> None:
    everything = demo_samples.copy(samples)
    assert everything >= 6
    own = samples / "sampyo-gimhae-bct" / "memo.txt"
    own.write_text("v4 is on its way\n")
    (samples / "donghwa-entec-fall").rename(samples.parent / "gone")
    assert demo_samples.copy(samples) == 1
    assert own.read_text() == "v4 is on its way\n"
    assert not [path for path in samples.parent.iterdir() if "partial" in path.name]


def test_a_copy_that_was_cut_off_is_made_again(samples: Path) -> None:
    (samples.parent / "demo.partial" / "half").mkdir(parents=True)
    demo_samples.copy(samples)
    assert not list(samples.rglob("half"))


def test_the_fingerprint_sees_changed_files_and_no_new_ones(samples: Path) -> None:
    demo_samples.copy(samples)
    before = demo_samples.fingerprint(samples)
    (samples / "sampyo-gimhae-bct" / "best.pt").write_bytes(b"new")
    assert demo_samples.fingerprint(samples) == before
    memo = samples / "sampyo-gimhae-bct" / "memo.txt"
    memo.write_text("v3")
    after = demo_samples.fingerprint(samples)
    assert {path for path in before if before[path] != after[path]} == {
        "sampyo-gimhae-bct/memo.txt"
    }


def test_samples_are_as_messy_as_the_field() -> None:
    names = {path.name for path in FIXTURES.iterdir()}
    assert any("+" in name for name in names)
    assert any(not name.isascii() for name in names)
    assert list(FIXTURES.glob("*/*.sh"))
    assert any("mlflow" in path.read_text() for path in FIXTURES.glob("*/train*.py"))
    assert any("\\r" in path.read_text() for path in FIXTURES.glob("*/*.py"))


def test_the_demo_takes_other_ports_than_those_in_use() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert demo_home.free_port(port) > port
    free = free_port()
    assert demo_home.free_port(free, but_not=free) != free


def test_nothing_of_the_real_portal_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shell = {
        "DATABASE_URL": "postgres://real",
        "GUARDIANFLOW_REGISTRY": "/real/experiments.yaml",
        "MLFLOW_TRACKING_URI": "http://real",
        "GUARDIANFLOW_LOG_LEVEL": "DEBUG",
    }
    for name, value in shell.items():
        monkeypatch.setenv(name, value)
    for name in ("HOME", "ROOTS", "URL", "MLFLOW_UI"):
        monkeypatch.setenv(f"GUARDIANFLOW_{name}", "/real")  # so that what is set is taken back
    demo_home.enter(["--home", str(tmp_path), "--port", "18000"])
    assert not {"DATABASE_URL", "GUARDIANFLOW_REGISTRY", "MLFLOW_TRACKING_URI"} & set(os.environ)
    assert os.environ["GUARDIANFLOW_LOG_LEVEL"] == "DEBUG"
    assert os.environ["GUARDIANFLOW_HOME"] == str(tmp_path)
    assert os.environ["GUARDIANFLOW_ROOTS"] == str(tmp_path / "demo")
    assert os.environ["GUARDIANFLOW_URL"] == "http://127.0.0.1:18000"


def test_the_demo_refuses_a_home_that_is_not_its_own(settings: Settings, tmp_path: Path) -> None:
    settings.GUARDIANFLOW_HOME = tmp_path
    with pytest.raises(CommandError, match="a data directory of its own"):
        call_command("demo", "--no-serve")
    assert not list(tmp_path.iterdir())
