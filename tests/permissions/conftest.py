"""The world of the table, and the forms in it."""

from __future__ import annotations

import pytest

from tests.permissions.world import World, build
from tests.runs_app.conftest import Home, home, mlflow_store

__all__ = ["home", "mlflow_store", "world"]


@pytest.fixture
def world(home: Home) -> World:
    return build(home)
