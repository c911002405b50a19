"""A portal of each case's own, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker, Settings

from tests.faults import databases
from tests.faults.databases import Database
from tests.faults.stage import Stage
from tests.postgres import Server, running_server
from tests.runs_app.conftest import Portal, move_in

NOBODY_LISTENS = "http://127.0.0.1:9"


@pytest.fixture(scope="session")
def sqlite_template(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Path:
    with django_db_blocker.unblock():
        return databases.make_sqlite(tmp_path_factory.mktemp("faults") / "template.sqlite3")


@pytest.fixture(scope="session")
def postgres_server(django_db_blocker: DjangoDbBlocker) -> Iterator[Server]:
    with running_server() as server:
        with django_db_blocker.unblock():
            databases.make_postgres(server, "faults")
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(
    request: pytest.FixtureRequest, tmp_path: Path, django_db_blocker: DjangoDbBlocker
) -> Iterator[Database]:
    """An empty, up to date database, which this process uses as well."""
    with django_db_blocker.unblock():
        if request.param == "sqlite":
            template = request.getfixturevalue("sqlite_template")
            ours = databases.sqlite(template, tmp_path / "portal.sqlite3")
            with databases.used(ours.url):
                yield ours
            return
        server: Server = request.getfixturevalue("postgres_server")
        name = f"case-{uuid.uuid4().hex}"
        ours = databases.postgres(server, name, template="faults")
        try:
            with databases.used(ours.url):
                yield ours
        finally:
            server.drop(name)


@pytest.fixture
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the processes of all tests keep compiled modules: most of a cold start is compiling."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "bytecode"


@pytest.fixture
def stage(
    database: Database,
    settings: Settings,
    tmp_path: Path,
    bytecode: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Stage]:
    monkeypatch.setenv("DATABASE_URL", database.url)
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(bytecode))
    home = move_in(tmp_path, store=NOBODY_LISTENS, settings=settings, monkeypatch=monkeypatch)
    portal = Portal()
    stage = Stage(home=home, portal=portal, database=database)
    monkeypatch.setenv("GO", str(stage.go))
    yield stage
    portal.end()
    stage.end_scripts()
