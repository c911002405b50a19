"""What takes seconds to make is made once, by whichever test process comes first."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command

from runs_app import locks
from tests.databases import used

MAKES_A_STORE = (
    "import sys; from mlflow import MlflowClient; "
    "MlflowClient(tracking_uri='sqlite:///' + sys.argv[1]).search_experiments(max_results=1)"
)


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """Return the folder that all processes of this test run share."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return the file `name`, which the first process that asks for it makes; others wait.

    It is for reading and copying only.
    """
    folder = shared_folder(factory)
    file = folder / name
    with locks.hold(folder / f"{name}.lock", wait=True):
        if not file.exists():
            aside = folder / f"new-{name}"
            make(aside)
            aside.replace(file)
    return file


def make_database(file: Path) -> None:
    """Make an empty, up to date database of the portal."""
    with used(f"sqlite:///{file}"):
        call_command("migrate", verbosity=0)


def make_store(file: Path) -> None:
    """Make an empty MLflow store, in a process that leaves no settings of MLflow in this one."""
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true"}
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", MAKES_A_STORE, str(file)],
        env={**os.environ, **quiet},
        check=True,
        capture_output=True,
    )
