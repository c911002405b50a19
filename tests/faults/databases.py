"""The portal's database for one case: a fresh SQLite file, or one of a real PostgreSQL server.

The test's own process talks to it as the portal's processes do. Triggers in it keep every change
of a run's state, so that a case can say how often a run ended, whoever ended it.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.core.management import call_command
from django.db import connection, connections
from django.db.utils import load_backend

from portal import environment
from tests.postgres import Server

_SQLITE_WITNESS = """
CREATE TABLE witness (run_id integer, old text, new text);
CREATE TRIGGER witness AFTER UPDATE OF status ON runs_app_run WHEN old.status <> new.status
BEGIN INSERT INTO witness VALUES (new.id, old.status, new.status); END;
"""
_POSTGRES_WITNESS = """
CREATE TABLE witness (run_id bigint, old text, new text);
CREATE FUNCTION witness() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO witness VALUES (new.id, old.status, new.status); RETURN new; END $$;
CREATE TRIGGER witness AFTER UPDATE OF status ON runs_app_run FOR EACH ROW
WHEN (old.status IS DISTINCT FROM new.status) EXECUTE FUNCTION witness();
"""


@dataclass(frozen=True, kw_only=True)
class Database:
    """Where it is, and how to take it away for a while."""

    url: str
    outage: Callable[[], AbstractContextManager[None]]


def moves_of(run_pk: int) -> list[tuple[str, str]]:
    """Return every change of state that the database saw of a run."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT old, new FROM witness WHERE run_id = %s", [run_pk])
        return [(old, new) for old, new in cursor.fetchall()]


@contextmanager
def used(url: str) -> Iterator[None]:
    """Lead this process's connection to another database."""
    config = connections.configure_settings(
        {"default": environment.database({"DATABASE_URL": url}, Path())}
    )["default"]
    ours = connections["default"]
    ours.close()
    connections["default"] = load_backend(config["ENGINE"]).DatabaseWrapper(config, "default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = ours


def make_sqlite(file: Path) -> Path:
    """Make an up to date database file that others are copied from."""
    with used(f"sqlite:///{file}"):
        call_command("migrate", verbosity=0)
        connection.ensure_connection()
        assert connection.connection is not None
        connection.connection.executescript(_SQLITE_WITNESS)
    return file


def sqlite(template: Path, file: Path) -> Database:
    shutil.copy(template, file)

    @contextmanager
    def locked() -> Iterator[None]:
        """Let another program hold the file, as a backup or a stuck transaction would."""
        connection.close()
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
            other.close()

    return Database(url=f"sqlite:///{file}", outage=locked)


def make_postgres(server: Server, name: str) -> str:
    """Make an up to date database that others are copied from."""
    with used(server.create(name)):
        call_command("migrate", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute(_POSTGRES_WITNESS)
    return name


def postgres(server: Server, name: str, *, template: str) -> Database:
    @contextmanager
    def stopped() -> Iterator[None]:
        connection.close()
        server.stop()
        try:
            yield
        finally:
            server.start()

    return Database(url=server.create(name, template=template), outage=stopped)
