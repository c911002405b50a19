"""The portal's database for one case: a fresh SQLite file, or one of a real PostgreSQL server.

The test's own process talks to it as the portal's processes do. Triggers in it keep every change
of a run's state, so that a case can say how often a run ended, whoever ended it.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from tests.databases import used
from tests.postgres import Server

_SQLITE_TRIGGER = """
CREATE TABLE witness (run_id integer, old text, new text);
CREATE TRIGGER witness AFTER UPDATE OF status ON runs_app_run WHEN old.status <> new.status
BEGIN INSERT INTO witness VALUES (new.id, old.status, new.status); END;
"""
_POSTGRES_TRIGGER = """
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


def sqlite(empty: Path, file: Path) -> Database:
    """Begin a database file with a copy of an empty one."""
    shutil.copy(empty, file)
    with closing(sqlite3.connect(file)) as fresh:
        fresh.executescript(_SQLITE_TRIGGER)

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


def make_postgres(server: Server, name: str) -> None:
    """Make the up to date database that others are copied from, unless another process has."""

    def fill(url: str) -> None:
        with used(url):
            call_command("migrate", verbosity=0)
            with connection.cursor() as cursor:
                cursor.execute(_POSTGRES_TRIGGER)

    server.make_once(name, fill)


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
