"""What every test starts from, and the order and number in which tests run side by side."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.utils import translation
from pytest_django import DjangoDbBlocker
from xdist.remote import Producer

from registry_app.files import umask
from runs_app.preflight import kept_answers
from runs_app.records import environment
from tests.once import (
    made_once,
    make_database,
    make_store,
    schema_digest,
    shared_folder,
    store_digest,
)
from tests.postgres import Server, shared_server
from tests.side_by_side import Dealer, mixed

# Processes of tests per processor; most of them wait for other processes at any moment.
WORKERS_PER_PROCESSOR = 2
MAX_WORKERS = 16
USUAL_UMASK = 0o022
# Markers of tests that run only where a variable asks for them, with what they need.
ASKED_FOR = {
    "long": ("PROVE", "a long proof; `make prove` runs it"),
    "ordinary_user": (
        "ORDINARY_USER",
        "a whole portal of another Linux user takes minutes; .ci/run",
    ),
    "browser": ("CHROMIUM", "a story in a real browser; .ci/browser runs it"),
    "proof": ("PROOFS", "a longer story; .ci/run sets PROOFS=1, which asks for it"),
}


def pytest_configure() -> None:
    """Let a terminal's interrupt reach what tests start.

    A shell starts its background jobs with SIGINT ignored, and every process hands that on.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return how many processes run tests if no number is given."""
    return min(WORKERS_PER_PROCESSOR * len(os.sched_getaffinity(0)), MAX_WORKERS)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Dealer:
    return Dealer(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for marker, (variable, why) in ASKED_FOR.items():
            if item.get_closest_marker(marker) and not os.environ.get(variable):
                item.add_marker(pytest.mark.skip(reason=why))
    items[:] = mixed(items)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """The language of the code: a page that an earlier test opened may have left another one."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def usual_umask(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Restore the umask at the end of a test that ran a command in its own process."""
    monkeypatch.setattr(umask, "_of_caller", [])
    before = os.umask(USUAL_UMASK)
    yield
    os.umask(before)


@pytest.fixture(scope="session")
def empty_database(
    pytestconfig: pytest.Config,
    tmp_path_factory: pytest.TempPathFactory,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
) -> Path:
    """A database file of the portal without rows, to be copied."""
    with django_db_blocker.unblock():
        cache = _cache(pytestconfig, tmp_path_factory)
        return made_once(cache, "portal.sqlite3", schema_digest(), make_database)


@pytest.fixture(scope="session")
def empty_store(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an MLflow store without runs, to be copied."""
    cache = _cache(pytestconfig, tmp_path_factory)
    return made_once(cache, "mlflow.sqlite3", store_digest(), make_store)


def _cache(config: pytest.Config, factory: pytest.TempPathFactory) -> Path:
    """Return where files stay from one test run to the next; with `-p no:cacheprovider`, no longer.

    Processes of one run share it either way.
    """
    cache: pytest.Cache | None = getattr(config, "cache", None)
    return cache.mkdir("made-once") if cache is not None else shared_folder(factory)


@pytest.fixture(scope="session")
def known_interpreters(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], None]:
    """Let a home know at once what others found out about interpreters: asking takes longest."""

    def tell(home: Path) -> None:
        for name in (environment.CACHE, kept_answers.CACHE):
            folder = shared_folder(tmp_path_factory) / name
            folder.mkdir(exist_ok=True)
            (home / name).symlink_to(folder)

    return tell


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The one PostgreSQL server of all test processes."""
    with shared_server(tmp_path_factory) as server:
        yield server


@pytest.fixture(scope="session")
def django_db_keepdb(empty_database: Path, django_db_modify_db_settings: None) -> bool:
    """Begin with a copy of the empty database, which pytest-django then need not make."""
    shutil.copy(empty_database, connection.settings_dict["TEST"]["NAME"])
    return True
