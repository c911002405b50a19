"""A portal whose runs go to a real MLflow store, on SQLite or on PostgreSQL."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from runs_app.tracking import store as tracking_store
from tests.faults.conftest import database, postgres_server
from tests.faults.databases import Database
from tests.runs_app.conftest import Home, mlflow_store, move_in

__all__ = ["database", "mlflow_store", "postgres_server"]


@pytest.fixture
def home(  # noqa: PLR0917  # each of them is a fixture
    database: Database,
    mlflow_store: str,
    settings: Settings,
    tmp_path: Path,
    known_interpreters: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
) -> Home:
    """Lead settings and processes to folders and a database of this test."""
    monkeypatch.setenv("DATABASE_URL", database.url)
    home = move_in(tmp_path, store=mlflow_store, settings=settings, monkeypatch=monkeypatch)
    known_interpreters(home.path)
    with warnings.catch_warnings(action="ignore"):
        tracking_store.client.cache_clear()
        tracking_store.client()
    return home
