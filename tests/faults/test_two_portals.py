"""Two portals, each with a data directory of its own, run the scripts of one directory."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.waiting import LIMIT_S

pytestmark = pytest.mark.faults

ROUNDS = 2
# Writes the same result as every other run, a file of its own, and when it was there.
TRAIN = """\
import os
me = os.environ["GUARDIANFLOW_RUN_ID"]
with open("order.log", "a") as order:
    order.write(f"{me} begins\\n")
    order.flush()
    for number in range(20):
        with open(f"weights-{number}.pt", "w") as weights:
            weights.write(me * 50_000)
    with open("results.csv", "w") as results:
        results.write(f"run\\n{me}\\n")
    open(f"of-{me}.txt", "w").close()
    order.write(f"{me} ends\\n")
"""


@dataclass(frozen=True)
class Portal:
    """A data directory, and the root that it shares with the other portal."""

    home: Path
    roots: Path

    def start(self, *argv: str) -> subprocess.Popen[str]:
        own = {
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "GUARDIANFLOW_HOME": str(self.home),
            "GUARDIANFLOW_ROOTS": str(self.roots),
            "GUARDIANFLOW_PYTHON": sys.executable,
            "DATABASE_URL": f"sqlite:///{self.home}/portal.sqlite3",
            "MLFLOW_TRACKING_URI": "http://127.0.0.1:9",
        }
        return subprocess.Popen(
            [sys.executable, "-m", "django", *argv],
            env={**os.environ, **own},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def folders(self) -> list[Path]:
        return sorted(path.parent for path in self.home.glob("runs/*/exit.json"))

    def end_senders(self) -> None:
        for process in psutil.process_iter():
            try:
                if "send_run" in process.cmdline() and Path(process.cwd()) == self.home:
                    process.kill()
            except psutil.Error:
                pass


@pytest.fixture
def portals(
    tmp_path: Path, empty_database: Path, known_interpreters: Callable[[Path], None]
) -> list[Portal]:
    directory = tmp_path / "experiments" / "sampyo-gimhae-bct"
    directory.mkdir(parents=True)
    (directory / "train.py").write_text(TRAIN)
    both = [Portal(tmp_path / name, directory.parent) for name in ("minsu", "jiwoo")]
    for portal in both:
        portal.home.mkdir()
        shutil.copy(empty_database, portal.home / "portal.sqlite3")
        known_interpreters(portal.home)
    return both


def ended(process: subprocess.Popen[str]) -> str:
    output, _ = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0, output
    return output


def test_each_portal_keeps_what_its_own_runs_made(portals: list[Portal]) -> None:
    for scan in [portal.start("scan_experiments", "--import") for portal in portals]:
        ended(scan)
    run = ("run_experiment", "sampyo-gimhae-bct", "--type", "train")
    for one in [portal.start(*run) for portal in portals for _ in range(ROUNDS)]:
        ended(one)
    for portal in portals:
        portal.end_senders()
    directory = portals[0].roots / "sampyo-gimhae-bct"
    order = (directory / "order.log").read_text().splitlines()
    assert [line.split()[1] for line in order] == ["begins", "ends"] * 2 * ROUNDS
    assert [line.split()[0] for line in order[::2]] == [line.split()[0] for line in order[1::2]]
    for portal in portals:
        assert len(portal.folders()) == ROUNDS
        for folder in portal.folders():
            outputs = folder / "outputs"
            assert (outputs / "results.csv").read_text() == f"run\n{folder.name}\n"
            assert [path.name for path in outputs.glob("of-*")] == [f"of-{folder.name}.txt"]
            weights = list(outputs.glob("weights-*.pt"))
            assert len(weights) == 20
            assert {path.read_text() for path in weights} == {folder.name * 50_000}
