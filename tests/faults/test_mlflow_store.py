"""A process that creates the embedded MLflow store is killed in the middle of it."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from pytest_django import Settings

from runs_app.tracking import store
from tests.faults.stage import Stage
from tests.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.faults, pytest.mark.mlflow]

MAKES_THE_STORE = (
    "import django; django.setup(); from runs_app.tracking import store; store.client()"
)


@pytest.mark.proof
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_store_whose_maker_was_killed_is_made_by_the_next(
    stage: Stage, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "store" / "mlflow.sqlite3"
    settings.MLFLOW_TRACKING_URI = f"sqlite:///{file}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", settings.MLFLOW_TRACKING_URI)
    aside = file.with_name("mlflow.sqlite3.new")
    settings.MLFLOW_HOME.mkdir(parents=True)
    maker = subprocess.Popen([sys.executable, "-c", MAKES_THE_STORE], stderr=subprocess.DEVNULL)
    wait_until(
        lambda: aside.exists() and aside.stat().st_size > 0,
        what="the store is being made",
    )
    maker.kill()
    maker.wait()
    assert not file.exists()
    store.client.cache_clear()
    with warnings.catch_warnings(action="ignore"):  # of MLflow's own code
        assert store.client().search_experiments()
    store.client.cache_clear()
    assert [path.name for path in file.parent.iterdir()] == [file.name]
