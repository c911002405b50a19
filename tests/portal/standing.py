"""A portal in a data directory of its own, with its own database file, which can be moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from portal.backup.database import copy_sqlite
from runs_app.tracking import store
from tests.runs_app.conftest import Home


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The home in which the portal of a test stands."""

    home: Home
    settings: Settings

    def move_to(self, path: Path) -> Path:
        """Lead the settings and the database of this process to another home."""
        path.mkdir(exist_ok=True)
        connection.close()
        connection.settings_dict["NAME"] = str(path / "portal.sqlite3")
        store.client.cache_clear()
        settings = self.settings
        settings.GUARDIANFLOW_HOME = path
        settings.GUARDIANFLOW_REGISTRY = path / "registry" / "experiments.yaml"
        settings.RUNS_DIR = path / "runs"
        settings.SPOOL_DIR = path / "spool"
        settings.MLFLOW_HOME = path / "mlflow"
        settings.MLFLOW_ARTIFACTS = path / "mlflow" / "artifacts"
        settings.MLFLOW_TRACKING_URI = f"sqlite:///{path / 'mlflow' / 'mlflow.sqlite3'}"
        settings.MLFLOW_IS_EMBEDDED = True
        return path


@pytest.fixture
def standing(home: Home, settings: Settings, transactional_db: None) -> Iterator[Standing]:
    """A portal with an up to date database in the home of this test."""
    here = connection.settings_dict["NAME"]
    connection.close()
    copy_sqlite(Path(here), home.path / "portal.sqlite3")
    portal = Standing(home=home, settings=settings)
    portal.move_to(home.path)
    yield portal
    connection.close()
    connection.settings_dict["NAME"] = here
    store.client.cache_clear()
