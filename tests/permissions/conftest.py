"""The world of the table, and the forms in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from registry_app.sync.run import sync
from tests.permissions.world import World, build
from tests.registry_app.sync.git.remote import make_remote
from tests.runs_app.conftest import Home, home, mlflow_store

SCENARIO = """\
runs:
  - experiment: sampyo-gimhae-bct
    type: train
"""

__all__ = ["home", "mlflow_store", "world"]


@pytest.fixture
def world(home: Home, settings: Settings, tmp_path: Path) -> World:
    address = core_repository(settings, tmp_path)
    settings.GUARDIANFLOW_CORE_URL = ""  # until a line of the table speaks of it
    world = build(home)
    world.keys["core"] = address
    return world


def core_repository(settings: Settings, folder: Path) -> str:
    """Make a core repository with one scenario, let the portal sync; return the address."""
    remote = make_remote(folder / "core")
    settings.GUARDIANFLOW_CORE_URL = str(remote.path)
    (remote.clone / "scenario").mkdir()
    (remote.clone / "scenario" / "a.yaml").write_text(SCENARIO, encoding="utf-8")
    remote.commit("experiments: {}\n")
    remote.push()
    sync()
    return str(remote.path)
