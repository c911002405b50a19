"""A corrupt database never replaces a good backup, and no backup with one is restored."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from django.db import connection

from portal.backup import database as backup_database
from portal.backup.create import backup
from portal.backup.format import BackupError
from portal.backup.restore import restore
from registry_app.models import Experiment
from tests.factories import make_experiment
from tests.portal.standing import Standing, standing
from tests.runs_app.conftest import home, mlflow_store

__all__ = ["home", "mlflow_store", "standing"]


def spoil(database: Path, table: str) -> None:
    """Overwrite the first page of a table, as a failing disk does; '' spoils the file's head."""
    connection.close()
    with sqlite3.connect(database) as rows:
        rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = rows.execute("PRAGMA page_size").fetchone()
        found = rows.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,))
        (page,) = found.fetchone() or (1,)
    rows.close()
    with database.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


@pytest.mark.parametrize("table", ["registry_app_script", "django_migrations", ""])
def test_a_damaged_database_is_not_backed_up_and_the_fix_is_named(
    standing: Standing, tmp_path: Path, table: str
) -> None:
    file = tmp_path / "b.tar.gz"
    backup(file)
    before = file.read_bytes()
    spoil(standing.home.path / "portal.sqlite3", table)
    with pytest.raises(BackupError, match=r"portal\.sqlite3 is corrupt") as refused:
        backup(file)
    assert "restore the last good backup with --force" in str(refused.value)
    assert [item.name for item in tmp_path.glob("*b.tar*")] == ["b.tar.gz"]
    assert file.read_bytes() == before


def test_a_damaged_store_of_mlflow_is_not_backed_up(standing: Standing, tmp_path: Path) -> None:
    store = standing.home.path / "mlflow" / "mlflow.sqlite3"
    store.parent.mkdir()
    with sqlite3.connect(store) as rows:
        rows.execute("CREATE TABLE runs (name TEXT)")
    rows.close()
    spoil(store, "runs")
    with pytest.raises(BackupError, match=r"mlflow\.sqlite3 is corrupt"):
        backup(tmp_path / "b.tar.gz")
    assert not (tmp_path / "b.tar.gz").exists()


def test_a_backup_of_a_damaged_database_is_not_put_in_place(
    standing: Standing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that an earlier version made: its hashes are right, its database is not."""
    spoil(standing.home.path / "portal.sqlite3", "registry_app_script")
    with monkeypatch.context() as earlier:
        earlier.setattr(backup_database, "damage_of", lambda file: "")
        backup(tmp_path / "b.tar.gz")
    other = standing.move_to(tmp_path / "other")
    with pytest.raises(BackupError, match="Restore an earlier backup"):
        restore(tmp_path / "b.tar.gz", force=True)
    assert [item.name for item in other.iterdir() if not item.name.endswith(".lock")] == []


def test_a_good_backup_replaces_a_damaged_database(standing: Standing, tmp_path: Path) -> None:
    make_experiment()
    backup(tmp_path / "b.tar.gz")
    spoil(standing.home.path / "portal.sqlite3", "")
    restore(tmp_path / "b.tar.gz", force=True)
    assert Experiment.objects.get().name == "sampyo-gimhae-bct"


def test_a_complaint_of_python_itself_is_no_damage() -> None:
    """It has no code of SQLite's, and must not hide behind an error about that."""
    assert not backup_database.is_damage(sqlite3.ProgrammingError("Cannot operate on it."))
