"""A backup is whole, private, and consistent while the portal works."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import stat
import tarfile
import threading
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from portal.backup import database as backup_database
from portal.backup.create import backup
from portal.backup.format import BackupError
from runs_app.choices import RunStatus
from tests.factories import make_experiment, make_run
from tests.portal.standing import Standing, standing
from tests.runs_app.conftest import home, mlflow_store
from tests.waiting import LIMIT_S

__all__ = ["home", "mlflow_store", "standing"]


def members(file: Path) -> dict[str, bytes]:
    with tarfile.open(file) as tar:
        return {
            member.name: content.read()
            for member in tar
            if (content := tar.extractfile(member)) is not None
        }


def test_holds_database_registry_and_run_folders_with_their_hashes(
    standing: Standing, tmp_path: Path, settings: Settings
) -> None:
    run = make_run(make_experiment("donghwa-entec-ppe"), RunStatus.SUCCEEDED)
    run.folder.mkdir(parents=True)
    (run.folder / "stdout.log").write_text("에폭 1\n")
    settings.GUARDIANFLOW_REGISTRY.parent.mkdir()
    settings.GUARDIANFLOW_REGISTRY.write_text("experiments: {}\n")
    backup(tmp_path / "b.tar.gz")
    found = members(tmp_path / "b.tar.gz")
    manifest = json.loads(found.pop("manifest.json"))
    assert found[f"runs/{run.uuid}/stdout.log"] == "에폭 1\n".encode()
    assert found["registry.yaml"] == b"experiments: {}\n"
    assert set(found) == set(manifest["members"])
    for name, content in found.items():
        digest = hashlib.sha256(content).hexdigest()
        assert manifest["members"][name] == {"size_bytes": len(content), "sha256": digest}
    (tmp_path / "copy.sqlite3").write_bytes(found["database.sqlite3"])
    rows = sqlite3.connect(tmp_path / "copy.sqlite3")
    assert rows.execute("SELECT name FROM registry_app_experiment").fetchall() == [
        ("donghwa-entec-ppe",)
    ]
    rows.close()


@pytest.mark.usefixtures("standing")
def test_is_for_its_owner_alone_and_without_the_key(tmp_path: Path, settings: Settings) -> None:
    backup(tmp_path / "b.tar.gz")
    assert stat.S_IMODE((tmp_path / "b.tar.gz").stat().st_mode) == 0o600
    key = settings.SECRET_KEY.encode()
    assert not [name for name, content in members(tmp_path / "b.tar.gz").items() if key in content]


def test_a_store_that_is_not_the_portals_own_is_left_alone(
    standing: Standing, tmp_path: Path, settings: Settings
) -> None:
    """MLFLOW_TRACKING_URI names a server; the file is of earlier days and may be half written."""
    store = standing.home.path / "mlflow" / "mlflow.sqlite3"
    store.parent.mkdir()
    sqlite3.connect(store).close()
    assert "mlflow/mlflow.sqlite3" in backup(tmp_path / "b.tar.gz").members
    settings.MLFLOW_IS_EMBEDDED = False
    assert "mlflow/mlflow.sqlite3" not in backup(tmp_path / "b.tar.gz").members


def test_links_are_left_out_and_named(standing: Standing, tmp_path: Path) -> None:
    folder = standing.home.path / "runs" / "one"
    folder.mkdir(parents=True)
    (folder / "passwd").symlink_to("/etc/passwd")
    os.link(standing.home.path / "portal.sqlite3", folder / "hard")
    manifest = backup(tmp_path / "b.tar")
    assert manifest.left_out == ["runs/one/passwd"]
    with tarfile.open(tmp_path / "b.tar") as tar:
        assert not [member for member in tar if member.islnk() or member.issym()]


def test_names_that_are_no_utf8_are_kept(standing: Standing, tmp_path: Path) -> None:
    folder = standing.home.path / "runs" / "one"
    folder.mkdir(parents=True)
    odd = os.fsdecode(b"caf\xe9.csv")
    (folder / odd).write_text("x")
    assert f"runs/one/{odd}" in backup(tmp_path / "b.tar.gz").members


def test_a_failed_backup_leaves_the_last_one_alone(
    standing: Standing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "backups" / "b.tar.gz"
    file.parent.mkdir()
    backup(file)
    before = file.read_bytes()

    def no_room(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(BackupError, match="No space left"):
        backup(file)
    assert [item.name for item in file.parent.iterdir()] == ["b.tar.gz"]
    assert file.read_bytes() == before


def test_a_new_backup_replaces_the_last(standing: Standing, tmp_path: Path) -> None:
    backup(tmp_path / "b.tar.gz")
    make_experiment()
    backup(tmp_path / "b.tar.gz")
    assert b"sampyo-gimhae-bct" in members(tmp_path / "b.tar.gz")["database.sqlite3"]


def test_is_one_moment_while_others_write(standing: Standing, tmp_path: Path) -> None:
    """Each write adds one row to two tables; a copy in between would hold more of one."""
    database = connection.settings_dict["NAME"]
    setup = sqlite3.connect(database)
    setup.executescript("CREATE TABLE a (n, pad); CREATE TABLE b (n, pad);")
    setup.close()
    stop, written = threading.Event(), threading.Event()

    def write() -> None:
        rows = sqlite3.connect(database, timeout=LIMIT_S, isolation_level=None)
        number = 0
        while not stop.is_set():
            rows.execute("BEGIN IMMEDIATE")
            rows.execute("INSERT INTO a VALUES (?, ?)", (number, "x" * 3000))
            rows.execute("INSERT INTO b VALUES (?, ?)", (number, "x" * 3000))
            rows.execute("COMMIT")
            number += 1
            if number > 50:
                written.set()
        rows.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert written.wait(LIMIT_S)
        for number in range(3):
            backup(tmp_path / f"{number}.tar")
    finally:
        stop.set()
        writer.join()
    for number in range(3):
        copy = tmp_path / f"{number}.sqlite3"
        copy.write_bytes(members(tmp_path / f"{number}.tar")["database.sqlite3"])
        rows = sqlite3.connect(copy)
        [in_a] = rows.execute("SELECT count(*) FROM a").fetchone()
        [in_b] = rows.execute("SELECT count(*) FROM b").fetchone()
        assert in_a == in_b > 50
        assert rows.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows.close()


def test_a_log_that_grows_meanwhile_does_no_harm(standing: Standing, tmp_path: Path) -> None:
    log = standing.home.path / "runs" / "one" / "stdout.log"
    log.parent.mkdir(parents=True)
    log.write_bytes(b"line\n" * 100_000)
    stop = threading.Event()

    def grow() -> None:
        with log.open("ab", buffering=0) as file:
            while not stop.is_set():
                file.write(b"line\n" * 1000)

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        manifest = backup(tmp_path / "b.tar.gz")
    finally:
        stop.set()
        writer.join()
    kept = members(tmp_path / "b.tar.gz")["runs/one/stdout.log"]
    assert hashlib.sha256(kept).hexdigest() == manifest.members["runs/one/stdout.log"].sha256
    assert len(kept) >= 500_000


@pytest.mark.usefixtures("standing")
def test_a_form_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match=r"\.tar\.gz"):
        backup(tmp_path / "b.tar.zst")


@pytest.mark.parametrize("place", ["home/runs", "home/mlflow", "experiments"])
def test_a_backup_lies_neither_in_itself_nor_in_an_experiment(
    standing: Standing, tmp_path: Path, place: str
) -> None:
    (tmp_path / place).mkdir(exist_ok=True)
    with pytest.raises(BackupError, match="Choose another place"):
        backup(tmp_path / place / "b.tar.gz")
    assert not list((tmp_path / place).iterdir())


def test_a_portal_that_was_never_used_has_no_backup(standing: Standing, tmp_path: Path) -> None:
    standing.move_to(tmp_path / "fresh")
    with pytest.raises(BackupError, match="nothing to back up"):
        backup(tmp_path / "b.tar.gz")
    assert not list((tmp_path / "fresh").iterdir())
    assert not (tmp_path / "b.tar.gz").exists()


def test_without_pg_dump_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    _name_postgresql(monkeypatch)
    with pytest.raises(BackupError, match="Install PostgreSQL's client programs"):
        backup_database.dump_postgresql(tmp_path / "dump")


def test_the_password_of_postgresql_is_on_no_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pg_dump of our own tells how it was called."""
    program = tmp_path / "pg_dump"
    program.write_text(
        '#!/bin/sh\necho "$@" >&2\necho $PGPASSWORD@$PGHOST/$PGDATABASE $PGSSLMODE >&2\nexit 1\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    _name_postgresql(monkeypatch)
    with pytest.raises(BackupError) as refused:
        backup_database.dump_postgresql(tmp_path / "dump")
    argv, _space, environment = str(refused.value).partition("--no-password")
    assert "secret" not in argv
    assert environment.split() == ["secret@db1/portal", "require"]


def _name_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"NAME": "portal", "HOST": "db1", "PORT": "", "USER": "portal", "PASSWORD": "secret"}
    for name, value in {**values, "OPTIONS": {"sslmode": "require", "pool": True}}.items():
        monkeypatch.setitem(connection.settings_dict, name, value)


@pytest.mark.usefixtures("standing")
def test_the_command_says_what_it_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("backup", str(tmp_path / "b.tar.gz"))
    output = capsys.readouterr().err
    assert str(tmp_path / "b.tar.gz") in output
    assert "secret key is not in it" in output
    with pytest.raises(CommandError, match="No such file"):
        call_command("backup", str(tmp_path / "nowhere" / "b.tar.gz"))


def test_content_with_two_names_is_stored_once(standing: Standing, tmp_path: Path) -> None:
    run = make_run(make_experiment(), RunStatus.SUCCEEDED)
    (run.folder / "outputs").mkdir(parents=True)
    weights = os.urandom(8 * 2**20)
    (run.folder / "outputs" / "best.pt").write_bytes(weights)
    (run.folder / "store").mkdir()
    os.link(run.folder / "outputs" / "best.pt", run.folder / "store" / "best.pt")
    manifest = backup(tmp_path / "b.tar")
    assert (tmp_path / "b.tar").stat().st_size < 2 * len(weights)
    names = [f"runs/{run.uuid}/{folder}/best.pt" for folder in ("outputs", "store")]
    assert {manifest.members[name].sha256 for name in names} == {
        hashlib.sha256(weights).hexdigest()
    }
    assert [members(tmp_path / "b.tar")[name] for name in names] == [weights, weights]
