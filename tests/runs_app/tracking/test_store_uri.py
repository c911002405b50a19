"""The worker remembers where the portal's runs belong, for commands of a foreign shell."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from runs_app.tracking.store import remember_uri
from tests.runs_app.conftest import Home

SERVER = "http://portal:s3cret@mlflow:5000"


@pytest.fixture
def file(home: Home, settings: Settings) -> Path:
    settings.MLFLOW_TRACKING_URI = SERVER
    settings.MLFLOW_IS_EMBEDDED = False
    return home.path / "mlflow_tracking_uri"


@pytest.mark.django_db
def test_a_server_is_remembered_where_its_password_is_safe(file: Path) -> None:
    remember_uri()
    assert file.read_text() == f"{SERVER}\n"
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db
def test_a_portal_that_returned_to_its_own_store_forgets_the_server(
    file: Path, settings: Settings
) -> None:
    remember_uri()
    settings.MLFLOW_IS_EMBEDDED = True
    remember_uri()
    assert not file.exists()


@pytest.mark.django_db
def test_a_worker_inside_of_mlflow_run_remembers_nothing(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_RUN_ID", "4711")
    remember_uri()
    assert not file.exists()
