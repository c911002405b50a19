"""A fresh database is set up by whatever comes first; an older one is left to people."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from portal.database import LOCK, needs_database
from runs_app.system import locks
from tests.portal.processes import free_port
from tests.postgres import Server
from tests.waiting import LIMIT_S, wait_until, waits_for_a_lock

PROJECT = Path(__file__).parents[2]
# Those after it only grant permissions, and granting them again changes nothing.
WITHOUT_THE_LAST = (
    "DELETE FROM django_migrations WHERE app = 'portal' AND name >= '0008_remember_visits'; "
    "DROP TABLE portal_visit;"
)
ANY_USER = (
    "INSERT INTO auth_user (username, password, first_name, last_name, email, is_superuser, "
    "is_staff, is_active, date_joined) VALUES ('jiwoo', '', '', '', '', 0, 1, 1, '2026-01-01')"
)


class Shell:
    """Starts commands in a home of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "GUARDIANFLOW_HOME": str(self.home),
            "GUARDIANFLOW_ROOTS": str(folder / "experiments"),
        }

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(PROJECT / "manage.py"), *arguments],
            env={**self.environment, **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **more: str) -> tuple[int, str, str]:
        process = self.start(*arguments, **more)
        stdout, stderr = process.communicate(timeout=LIMIT_S)
        return process.returncode, stdout, stderr

    def count(self, table: str) -> int:
        with closing(sqlite3.connect(self.home / "portal.sqlite3")) as database:
            return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608

    def change(self, statement: str) -> None:
        with closing(sqlite3.connect(self.home / "portal.sqlite3")) as database:
            database.executescript(statement)
            database.commit()


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture
def settled(shell: Shell, empty_database: Path) -> Shell:
    """A shell in whose home a first command has set the database up."""
    shell.home.mkdir()
    shutil.copy(empty_database, shell.home / "portal.sqlite3")
    return shell


@pytest.mark.processes
@pytest.mark.proof
class TestForReal:
    def test_the_first_command_sets_the_database_up_and_the_next_is_silent(
        self, shell: Shell
    ) -> None:
        status, stdout, stderr = shell.run("list_experiments", "--json")
        assert (status, stdout) == (0, "[]\n")
        assert stderr == "guardianflow: Setting up a new database ...\n"
        assert shell.run("list_experiments", "--json") == (0, "[]\n", "")

    @pytest.mark.proof
    def test_of_two_commands_at_once_one_sets_up_and_the_other_waits(self, shell: Shell) -> None:
        both = [shell.start("list_experiments", "--json") for _number in range(2)]
        output = [process.communicate(timeout=LIMIT_S) for process in both]
        assert [process.returncode for process in both] == [0, 0], output
        assert [stdout for stdout, _stderr in output] == ["[]\n", "[]\n"]
        assert "".join(stderr for _stdout, stderr in output).count("Setting up") == 1
        assert shell.count("auth_group") == 4

    @pytest.mark.proof
    def test_a_new_file_is_opened_by_one_process_at_a_time(self, shell: Shell) -> None:
        shell.home.mkdir()
        with locks.hold(shell.home / LOCK):
            command = shell.start("list_experiments", "--json")
            wait_until(lambda: waits_for_a_lock(command.pid), what="it waits for the lock")
            assert not (shell.home / "portal.sqlite3").exists()
        assert command.communicate(timeout=LIMIT_S)[0] == "[]\n"

    def test_an_older_database_is_left_alone_and_the_fix_is_named(self, settled: Shell) -> None:
        shell = settled
        shell.change(WITHOUT_THE_LAST)
        shell.change(ANY_USER)
        before = shell.count("django_migrations")
        status, stdout, stderr = shell.run("list_experiments")
        assert (status, stdout) == (2, "")
        assert "older than this version" in stderr
        assert "`guardianflow migrate`" in stderr
        assert len(stderr.splitlines()) == 1
        assert shell.count("django_migrations") == before
        assert shell.run("migrate", "--verbosity=0")[0] == 0
        assert shell.run("list_experiments", "--json") == (0, "[]\n", "")

    @pytest.mark.proof
    def test_a_set_up_that_was_interrupted_is_carried_on(self, settled: Shell) -> None:
        settled.change(WITHOUT_THE_LAST)
        status, stdout, stderr = settled.run("list_experiments", "--json")
        assert (status, stdout) == (0, "[]\n")
        assert stderr == "guardianflow: Setting up a new database ...\n"
        assert settled.run("list_experiments", "--json") == (0, "[]\n", "")

    def test_a_file_that_is_no_database_is_reported_in_one_line(self, shell: Shell) -> None:
        shell.home.mkdir()
        (shell.home / "portal.sqlite3").write_text("these are my notes, and not a database\n" * 99)
        status, _stdout, stderr = shell.run("list_experiments")
        assert status == 2
        assert "cannot be used: file is not a database" in stderr
        assert "guardianflow doctor" in stderr
        assert len(stderr.splitlines()) == 1

    def test_help_makes_no_database(self, shell: Shell) -> None:
        assert shell.run("list_experiments", "--help")[0] == 0
        assert not (shell.home / "portal.sqlite3").exists()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("list_experiments", True),
        ("run_experiment sampyo-gimhae-bct --type train", True),
        ("run_experiment sampyo-gimhae-bct -- --help", True),
        ("run_experiment --help", False),
        ("run_experiment -h", False),
        ("migrate", False),
        ("demo", False),
        ("doctor", False),
        ("backup /backups/today.tar", False),
        ("--version", False),
        ("", False),
    ],
)
def test_which_commands_need_the_database(line: str, expected: bool) -> None:
    assert needs_database(["guardianflow", *line.split()]) is expected


@pytest.mark.processes
def test_a_database_that_went_away_is_not_quietly_made_again(shell: Shell) -> None:
    (shell.home / "runs" / "5bcab27f").mkdir(parents=True)
    status, _stdout, stderr = shell.run("list_runs")
    assert status == 2
    assert f"although {shell.home / 'runs'} holds runs" in stderr


@pytest.mark.processes
@pytest.mark.parametrize(
    "command",
    [
        "list_runs",
        *(pytest.param(name, marks=pytest.mark.proof) for name in ("migrate", "up", "worker")),
    ],
)
def test_an_emptied_file_beside_runs_is_refused_with_the_fix(shell: Shell, command: str) -> None:
    (shell.home / "runs" / "5bcab27f").mkdir(parents=True)
    (shell.home / "portal.sqlite3").touch()
    status, _stdout, stderr = shell.run(command)
    assert status == 2
    assert f"{shell.home / 'portal.sqlite3'} is empty although" in stderr
    assert "`guardianflow restore FILE --force`" in stderr
    assert len(stderr.splitlines()) == 1
    assert (shell.home / "portal.sqlite3").stat().st_size == 0
    assert "restore FILE --force" in shown_by_doctor(shell)


def shown_by_doctor(shell: Shell) -> str:
    lines = json.loads(shell.run("doctor", "--json")[1])
    [line] = [line for line in lines if line["area"] == "database"]
    assert line["level"] == "bad"
    return f"{line['text']} {line['cure']}"


@pytest.mark.proof
@pytest.mark.processes
def test_an_emptied_file_beside_runs_comes_back_by_restore(shell: Shell, tmp_path: Path) -> None:
    assert shell.run("list_experiments", "--json")[0] == 0
    assert shell.run("backup", str(tmp_path / "b.tar.gz"))[0] == 0
    (shell.home / "runs" / "5bcab27f").mkdir(parents=True)
    os.truncate(shell.home / "portal.sqlite3", 0)
    assert shell.run("restore", str(tmp_path / "b.tar.gz"), "--force", "--yes")[0] == 0
    assert shell.run("list_experiments", "--json") == (0, "[]\n", "")


@pytest.mark.proof
@pytest.mark.processes
@pytest.mark.postgres
def test_an_empty_database_that_is_named_begins_beside_runs_only_on_request(
    shell: Shell, postgres: Server
) -> None:
    (shell.home / "runs" / "5bcab27f").mkdir(parents=True)
    url = postgres.create("empty")
    try:
        for command in ("list_runs", "migrate", "worker"):
            status, _stdout, stderr = shell.run(command, DATABASE_URL=url)
            assert status == 2
            assert "PostgreSQL empty" in stderr
            assert "worker --new-database" in stderr
        worker = shell.start("worker", "--new-database", DATABASE_URL=url)
        try:
            wait_until(
                lambda: shell.run("list_runs", "--json", DATABASE_URL=url)[0] == 0,
                what="the worker has set the database up",
            )
        finally:
            worker.terminate()
            worker.communicate()
    finally:
        postgres.drop("empty")


NEWER = (
    "INSERT INTO django_migrations (app, name, applied) "
    "VALUES ('runs_app', '9999_from_tomorrow', '2030-01-01')"
)


@pytest.mark.proof
@pytest.mark.processes
def test_a_database_of_a_newer_version_is_refused_by_everything(
    settled: Shell, tmp_path: Path
) -> None:
    settled.change(NEWER)
    for command in (["list_runs"], ["migrate"], ["up"], ["backup", str(tmp_path / "b.tar.gz")]):
        status, stdout, stderr = settled.run(*command)
        assert (status != 0, stdout) == (True, "")
        assert f"SQLite {settled.home / 'portal.sqlite3'} is of a newer version" in stderr
        assert "runs_app.9999_from_tomorrow" in stderr
        assert "Update the portal" in stderr
        assert len(stderr.splitlines()) == 1
    assert "9999_from_tomorrow" in shown_by_doctor(settled)


@pytest.mark.processes
@pytest.mark.parametrize("trouble", ["is of a newer version", "is empty although"])
def test_a_web_server_does_not_start_on_a_database_that_is_refused(
    settled: Shell, trouble: str
) -> None:
    if "newer" in trouble:
        settled.change(NEWER)
    else:
        os.truncate(settled.home / "portal.sqlite3", 0)
        (settled.home / "runs" / "5bcab27f").mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", "portal.wsgi", "--bind", f"127.0.0.1:{free_port()}"],
        env=settled.environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode != 0
    assert trouble in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.processes
def test_a_database_that_fails_is_one_line(settled: Shell) -> None:
    settled.change("ALTER TABLE runs_app_run RENAME TO away")
    status, stdout, stderr = settled.run("list_runs")
    assert (status, stdout) == (70, "")
    assert len(stderr.splitlines()) == 1
    assert "doctor" in stderr
