"""What version 542ff85 left is taken over: rows, run folders, and a script that still runs.

That version is checked out beside this one and set up with packages of its own. It fills a data
directory, on SQLite and on PostgreSQL, and this version goes on with it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

from tests.postgres import Server
from tests.takeover import old_portal, read_pages
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
COMMIT = "542ff850b6308a467331b207dc0a394747b34d61"
CATALOGUE = ROOT / "portal/locale/ko/LC_MESSAGES/django.po"
# Shorter parts are words of commands and names as well.
MIN_WORDS = 3
LIMIT_S = 600

SCRIPTS = {
    "good": """\
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=1)
parser.add_argument("--api-key", default="")
options = parser.parse_args()
with open("results.csv", "w") as file:
    file.write("epoch,loss\\n" + "".join(f"{n},{1 / (n + 1)}\\n" for n in range(options.epochs)))
open("best.pt", "wb").write(b"weights")
""",
    "bad": "import subprocess\nsubprocess.Popen(['sleep', '600'])\nraise SystemExit(3)\n",
    "patient": """\
import os, time
print("first 시작", flush=True)
while not os.path.exists("go"):
    time.sleep(0.05)
print("last 끝", flush=True)
""",
    **dict.fromkeys(("limited", "stopped", "orphan"), "import time\ntime.sleep(600)\n"),
    **dict.fromkeys(("ended", "gone", "late"), "print('ready')\n"),
}
# What becomes of each run once a worker of this version is there.
ENDS = {
    "succeeded": "succeeded",
    "failed": "failed",
    "timed_out": "timed_out",
    "cancelled": "cancelled",
    "lost": "lost",
    "finalizing": "succeeded",
    "running": "succeeded",
    "waiting": "succeeded",
    "refused": "errored",
    "cancelled before": "cancelled",
    "starting": "succeeded",
    "queued": "succeeded",
}
STAYS = (
    *("id", "experiment", "type", "version", "script", "status", "exit_code", "queued_by"),
    *("queued_at", "started_at", "finished_at", "host", "run_dir", "mlflow_run_id", "files"),
)

pytestmark = [pytest.mark.long, pytest.mark.processes]


@dataclass
class Home:
    """A data directory, the experiments beside it, and the processes of a portal in it."""

    base: Path
    environment: dict[str, str]
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def old(self, checkout: Path) -> None:
        """Let the earlier version fill it."""
        reported = self.base / "told.json"
        program = [checkout / ".venv/bin/python", old_portal.__file__, reported]
        self._finished(program, cwd=checkout, PYTHONPATH=str(checkout))
        self.runs = json.loads(reported.read_text(encoding="utf-8"))["runs"]

    def new(self, *argv: str, status: int = 0) -> str:
        """Run a command of this version, and return all that it said."""
        return self._finished(
            [Path(sys.executable).with_name("guardianflow"), *argv], status=status
        )

    def show(self, label: str) -> dict[str, Any]:
        shown: dict[str, Any] = json.loads(self.new("show", str(self.runs[label]["id"]), "--json"))
        return shown

    def listed(self) -> dict[str, dict[str, Any]]:
        """Return each run as `runs --json` has it, in one command."""
        rows = {row["id"]: row for row in json.loads(self.new("runs", "--json"))}
        return {label: rows[run["id"]] for label, run in self.runs.items()}

    def pages(self, language: str) -> dict[str, str]:
        """Return the text of each page; one that is not answered with 200 fails the test."""
        output = self._finished([sys.executable, "-m", read_pages.__name__, language])
        pages: dict[str, tuple[int, str]] = json.loads(output)
        assert {
            address: status for address, (status, _text) in pages.items() if status != 200
        } == {}
        return {address: text for address, (_status, text) in pages.items()}

    def page_of(self, label: str) -> str:
        return f"/admin/runs_app/run/{self.runs[label]['id']}/change/"

    def worker(self) -> subprocess.Popen[bytes]:
        command = [str(Path(sys.executable).with_name("guardianflow")), "worker"]
        with (self.base / "worker.log").open("wb") as log:
            return subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=log, stderr=log)

    def _finished(self, argv: list[Any], *, cwd: Path = ROOT, status: int = 0, **more: str) -> str:
        done = subprocess.run(
            argv,
            cwd=cwd,
            env=self.environment | more,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout if status == 0 else done.stderr


@pytest.fixture(scope="module")
def earlier(pytestconfig: pytest.Config) -> Path:
    """A checkout of the earlier version with its packages, kept for the next time."""
    assert pytestconfig.cache is not None
    checkout = pytestconfig.cache.mkdir("earlier") / COMMIT
    ready = checkout / "is-set-up"
    if not ready.exists():
        shutil.rmtree(checkout, ignore_errors=True)
        _check_out(checkout)
        _set_up(checkout)
        ready.touch()
    return checkout


def _check_out(checkout: Path) -> None:
    if subprocess.run(["git", "cat-file", "-e", COMMIT], cwd=ROOT, check=False).returncode:
        pytest.skip(f"commit {COMMIT[:7]} is not in the history of this clone")
    archive = subprocess.run(
        ["git", "archive", COMMIT], cwd=ROOT, stdout=subprocess.PIPE, check=True
    )
    checkout.mkdir()
    subprocess.run(["tar", "-x"], cwd=checkout, input=archive.stdout, check=True)


def _set_up(checkout: Path) -> None:
    done = subprocess.run(
        ["make", "setup", f"PYTHON={sys.executable}"],
        cwd=checkout,
        env={name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"the packages of {COMMIT[:7]} cannot be installed here: {done.stderr[-300:]}")


@pytest.fixture(params=["sqlite", "postgres"])
def home(request: pytest.FixtureRequest, earlier: Path) -> Iterator[Home]:
    """What the earlier version left."""
    with tempfile.TemporaryDirectory(prefix="takeover-") as folder:
        base = Path(folder)
        roots = base / "experiments"
        shutil.copytree(earlier / "fixtures" / "experiments", roots)
        for name, script in SCRIPTS.items():
            (roots / name).mkdir()
            (roots / name / "train.py").write_text(script, encoding="utf-8")
        environment = {
            "HOME": str(base),
            "LANG": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "GUARDIANFLOW_HOME": str(base / "home"),
            "GUARDIANFLOW_ROOTS": str(roots),
            "GUARDIANFLOW_PYTHON": os.path.realpath(sys.executable),
            "GUARDIANFLOW_HOST": "gpu1",
            "GUARDIANFLOW_SLOTS": "20",
            "GUARDIANFLOW_MIN_FREE_MIB": "0",
        }
        if request.param == "postgres":
            server: Server = request.getfixturevalue("postgres")
            environment["DATABASE_URL"] = server.create("takeover")
        made = Home(base=base, environment=environment)
        try:
            made.old(earlier)
            yield made
        finally:
            (roots / "patient" / "go").touch()
            if request.param == "postgres":
                server.drop("takeover")


def test_an_earlier_portal_is_taken_over(home: Home) -> None:
    assert "guardianflow migrate" in home.new("list", status=2)
    home.new("migrate")
    before_worker(home)
    reads_right(home)
    go_on(home)
    reads_right(home)


def before_worker(home: Home) -> None:
    """Every run says what it said, but for its secret."""
    for label, old in home.runs.items():
        new = home.show(label)
        assert {key: new[key] for key in STAYS} == {key: old[key] for key in STAYS}, label
        assert old_portal.SECRET not in json.dumps(new), label
    shown = home.show("succeeded")
    assert shown["params"] == {"epochs": 2, "api_key": "***"}
    assert old_portal.SECRET not in json.dumps(home.pages("en"))


def reads_right(home: Home) -> None:
    """Each page is there in both languages, and no sentence of one is in the other."""
    english, korean = home.pages("en"), home.pages("ko")
    assert english.keys() == korean.keys()
    for label, row in home.listed().items():
        assert row["status_reason"] in english[home.page_of(label)], label
        assert row["status_reason"] not in korean[home.page_of(label)], label
    for address, text in korean.items():
        assert re.search("[가-힣]", text), address
        assert [words for words in english_words() if words in text] == [], address


@cache
def english_words() -> tuple[str, ...]:
    """Return the fixed parts of all texts that are written otherwise in Korean."""
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file)
    found = set()
    for message in catalogue:
        if isinstance(message.id, str) and message.string and message.id != message.string:
            parts = re.split(r"{[^}]*}|%\(\w+\)[sd]|\n", message.id)
            found |= {part.strip(" .:;") for part in parts if len(part.split()) >= MIN_WORDS}
    return tuple(sorted(found))


def go_on(home: Home) -> None:
    """A worker of this version takes every run to its end, and MLflow hears of each."""
    worker = home.worker()
    try:
        (home.base / "experiments/patient/go").touch()

        def seen() -> dict[str, str]:
            return {label: row["status"] for label, row in home.listed().items()}

        wait_until(
            lambda: seen() == ENDS,
            what=lambda: f"{seen()}\n{(home.base / 'worker.log').read_text()}",
        )
        wait_until(lambda: all_sent(home), what="MLflow has every run")
    finally:
        worker.terminate()
        worker.wait(LIMIT_S)
    ended = home.show("running")
    log = Path(ended["run_dir"], "stdout.log").read_text(encoding="utf-8")
    assert (log.splitlines(), ended["exit_code"]) == (["first 시작", "last 끝"], 0)


def all_sent(home: Home) -> bool:
    rows = home.listed().values()
    return all(row["mlflow_state"] == "sent" for row in rows if row["started_at"])
