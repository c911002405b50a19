"""Two portals, each with a data directory of its own, run the scripts of one directory."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from tests.faults import databases
from tests.faults.conftest import TEMPLATE
from tests.postgres import REQUIRED, Server
from tests.runs_app.conftest import end_detached
from tests.waiting import LIMIT_S

pytestmark = pytest.mark.faults

ROUNDS = 2
NAMES = ("minsu", "jiwoo")
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
    database: str

    def start(self, *argv: str) -> subprocess.Popen[str]:
        own = {
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "GUARDIANFLOW_HOME": str(self.home),
            "GUARDIANFLOW_ROOTS": str(self.roots),
            "GUARDIANFLOW_PYTHON": sys.executable,
            "DATABASE_URL": self.database,
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


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def urls(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    empty_database: Path,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[list[str]]:
    """The addresses of two empty databases."""
    if request.param == "sqlite":
        files = [tmp_path / f"{name}.sqlite3" for name in NAMES]
        yield [databases.sqlite(empty_database, file).url for file in files]
        return
    if not os.environ.get(REQUIRED):
        pytest.skip(
            f"all of these take a minute more; .ci/run sets {REQUIRED}=1, which asks for it"
        )
    server: Server = request.getfixturevalue("postgres_server")
    names = [f"case-{uuid.uuid4().hex}" for _ in NAMES]
    with django_db_blocker.unblock():
        yield [databases.postgres(server, name, template=TEMPLATE).url for name in names]
        for name in names:
            server.drop(name)


@pytest.fixture
def portals(
    tmp_path: Path,
    urls: list[str],
    known_interpreters: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[list[Portal]]:
    directory = tmp_path / "experiments" / "sampyo-gimhae-bct"
    directory.mkdir(parents=True)
    (directory / "train.py").write_text(TRAIN)
    both = [
        Portal(tmp_path / name, directory.parent, url)
        for name, url in zip(NAMES, urls, strict=True)
    ]
    for portal in both:
        portal.home.mkdir()
        known_interpreters(portal.home)
    yield both
    for portal in both:
        monkeypatch.setenv("GUARDIANFLOW_HOME", str(portal.home))
        end_detached()


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
