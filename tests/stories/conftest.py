"""A portal for each story, served with everything that belongs to it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.served import ServedPortal


@pytest.fixture
def served_environment() -> dict[str, str]:
    """What a story wants otherwise in the environment of its portal."""
    return {}


@pytest.fixture
def portal(
    tmp_path: Path,
    empty_database: Path,
    empty_store: Path,
    served_environment: dict[str, str],
) -> Iterator[ServedPortal]:
    """A portal that is served; the demo and the first command are the tests of setting one up."""
    served = ServedPortal(tmp_path, **served_environment)
    shutil.copy(empty_database, served.home / "portal.sqlite3")
    (served.home / "mlflow").mkdir()
    shutil.copy(empty_store, served.home / "mlflow" / "mlflow.sqlite3")
    served.start()
    try:
        yield served
    finally:
        served.stop()
