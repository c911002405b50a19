"""Every command and page reports a full disk as such, whatever SQLite's error says."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from registry_app.files import disk_full
from runs_app.texts.folders import FOLDER_NOT_WRITTEN
from tests.factories import make_directory

PROJECT = Path(__file__).parents[2]


def full_sqlite() -> sqlite3.Error:
    """Return what SQLite says where a file must not grow any more."""
    with closing(sqlite3.connect(":memory:")) as rows:
        rows.execute("PRAGMA max_page_count = 1")
        with pytest.raises(sqlite3.Error) as caught:
            rows.execute("CREATE TABLE large (words)")
    return caught.value


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_the_folder_on_the_full_disk_is_named(tmp_path: Path, number: int) -> None:
    error = OSError(number, os.strerror(number), str(tmp_path / "runs" / "1" / "spec.json"))
    found = disk_full.trouble(error)
    assert found is not None
    assert found[0].endswith(f"MiB are free for {tmp_path}.")
    assert found[1] == "Free some space there, then try again."


def test_the_error_that_caused_another_one_counts() -> None:
    error = ValueError("no backup")
    error.__cause__ = full_sqlite()
    assert disk_full.trouble(error) is not None


def test_the_systems_words_give_way_to_the_sentence(tmp_path: Path) -> None:
    error = OSError(errno.ENOSPC, "No space left on device", str(tmp_path))
    text = str(disk_full.explained(error, FOLDER_NOT_WRITTEN(error=str(error))))
    assert text.startswith("The run folder cannot be written: The disk is full: ")
    assert "Errno" not in text


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.EACCES, "Permission denied"),
        sqlite3.OperationalError("database is locked"),
        ValueError("words"),
        None,
    ],
)
def test_other_errors_keep_their_words(error: Exception | None) -> None:
    assert disk_full.trouble(error) is None


@contextmanager
def mounted(disk: Path, options: str) -> Iterator[Path]:
    disk.mkdir()
    argv = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)]
    if subprocess.run(argv, check=False, capture_output=True).returncode:
        pytest.skip("a small file system can only be mounted by root")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four mebibytes."""
    with mounted(tmp_path / "disk", "size=4m") as disk:
        yield disk


def make_table(file: Path) -> None:
    with closing(sqlite3.connect(file)) as rows:
        rows.execute("CREATE TABLE names (name)")


def test_a_disk_that_takes_no_more_files_is_full_although_it_has_space(
    tmp_path: Path, settings: Settings
) -> None:
    with mounted(tmp_path / "disk", "size=64m,nr_inodes=9") as disk:
        settings.GUARDIANFLOW_HOME = disk
        for number in range(os.statvfs(disk).f_favail):
            (disk / str(number)).touch()
        with pytest.raises(OSError, match="No space left") as by_file:
            (disk / "another").touch()
        with pytest.raises(sqlite3.Error) as by_database:
            make_table(disk / "rows.sqlite3")
        for error in (by_file.value, by_database.value):
            assert disk_full.trouble(error) == (
                f"The disk of {disk} is full: it can hold 9 files, and no more.",
                "Remove some files there, then try again.",
            )


def fill(disk: Path) -> None:
    free = os.statvfs(disk)
    with (disk / "filler").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_bsize)


@pytest.mark.proof
@pytest.mark.processes
def test_every_command_says_so_in_one_line(
    disk: Path, tmp_path: Path, empty_database: Path
) -> None:
    home = disk / "home"
    home.mkdir()
    (home / "portal.sqlite3").write_bytes(empty_database.read_bytes())
    (home / "secret_key").write_text("k" * 50)
    make_directory(tmp_path / "experiments", "bct", {"train.py": "print('loss')"})
    fill(disk)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(PROJECT / "manage.py"), *arguments],
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(tmp_path),
                "LANG": "C.UTF-8",
                "GUARDIANFLOW_HOME": str(home),
                "GUARDIANFLOW_ROOTS": str(tmp_path / "experiments"),
                "GUARDIANFLOW_MIN_FREE_MIB": "0",
            },
            capture_output=True,
            text=True,
            check=False,
        )

    full = f"The disk is full: 0.0 MiB are free for {home}."
    sentence = f"{full} Free some space there, then try again.\n"
    for command in (
        ["list_experiments"],
        ["import_registry", str(tmp_path / "experiments.yaml")],
        ["scan_experiments", "--import"],
        ["run_experiment", "bct"],
        ["backup", str(tmp_path / "b.tar")],
        ["worker"],
    ):
        done = run(*command)
        assert done.returncode != 0
        assert done.stderr.endswith(sentence)
        assert len(done.stderr.splitlines()) == 1
    lines = json.loads(run("doctor", "--json").stdout)
    for area in ("home", "database"):
        [line] = [line for line in lines if line["area"] == area]
        assert f"{line['text']} {line['cure']}\n" == sentence
    [line] = [line for line in lines if line["area"] == "isolation"]
    assert f"{line['text']} {line['cure']}\n".endswith(sentence)  # not that the fence be put away


@pytest.mark.django_db(transaction=True)
def test_a_page_says_so_and_shows_anonymous_users_no_path(
    disk: Path, settings: Settings, empty_database: Path
) -> None:
    here = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = str(disk / "portal.sqlite3")
    settings.GUARDIANFLOW_HOME = disk
    (disk / "portal.sqlite3").write_bytes(empty_database.read_bytes())
    fill(disk)
    try:
        client = Client(raise_request_exception=False, headers={"accept-language": "en"})
        form = {"username": "jiwoo", "password": "wrong"}
        answer = client.post("/admin/login/", form)
        health = client.get("/healthz").json()
    finally:
        connection.close()
        connection.settings_dict["NAME"] = here
    assert answer.status_code == 503
    assert "The disk of the portal is full." in answer.content.decode()
    assert str(disk) not in answer.content.decode()
    assert {reason["text"] for reason in health["reasons"]} == {"The disk of the portal is full."}
