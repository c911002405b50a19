"""A portal of each case's own, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker, Settings

from tests.databases import used
from tests.faults import databases
from tests.faults.databases import Database
from tests.faults.stage import Stage
from tests.postgres import REQUIRED, Server
from tests.runs_app.conftest import Portal, move_in

NO_LISTENER = "http://127.0.0.1:9"
TEMPLATE = "faults"


@pytest.fixture(scope="session")
def postgres_server(postgres: Server, django_db_blocker: DjangoDbBlocker) -> Server:
    """The server of all test processes, with a database that those of the cases are copied from."""
    with django_db_blocker.unblock():
        databases.make_postgres(postgres, TEMPLATE)
    return postgres


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    empty_database: Path,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Database]:
    """An empty, up to date database, which this process uses as well.

    PostgreSQL is asked for by name: to see every case twice is for what a change must pass.
    """
    with django_db_blocker.unblock():
        if request.param == "sqlite":
            ours = databases.sqlite(empty_database, tmp_path / "portal.sqlite3")
            with used(ours.url):
                yield ours
            return
        if not os.environ.get(REQUIRED):
            pytest.skip(
                f"all of these take a minute more; .ci/run sets {REQUIRED}=1, which asks for it"
            )
        server: Server = request.getfixturevalue("postgres_server")
        name = f"case-{uuid.uuid4().hex}"
        ours = databases.postgres(server, name, template=TEMPLATE)
        try:
            with used(ours.url):
                yield ours
        finally:
            server.drop(name)


@pytest.fixture
def stage(
    database: Database,
    settings: Settings,
    tmp_path: Path,
    known_interpreters: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Stage]:
    monkeypatch.setenv("DATABASE_URL", database.url)
    home = move_in(tmp_path, store=NO_LISTENER, settings=settings, monkeypatch=monkeypatch)
    known_interpreters(home.path)
    portal = Portal()
    stage = Stage(home=home, portal=portal, database=database)
    monkeypatch.setenv("GO", str(stage.go))
    yield stage
    portal.end()
    stage.end_scripts()
