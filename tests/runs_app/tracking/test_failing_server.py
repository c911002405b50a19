"""A tracking server that answers 500 to everything, until another store takes its place."""

from __future__ import annotations

import pytest
from django.utils import timezone
from pytest_django import Settings

from runs_app.choices import MlflowState
from runs_app.tracking import outbox, store
from tests.runs_app.conftest import Home
from tests.runs_app.driving import run_to_end
from tests.runs_app.tracking.failing_server import failing

pytestmark = [pytest.mark.django_db, pytest.mark.processes, pytest.mark.mlflow]


def test_three_answers_of_500_cost_nothing_but_time(
    home: Home, settings: Settings, mlflow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    run = run_to_end(home.experiment())
    real = settings.MLFLOW_TRACKING_URI
    waits = []
    with failing(lambda _method, path: path != "/health") as server:
        settings.MLFLOW_TRACKING_URI = server.url
        store.client.cache_clear()
        for attempt in (1, 2, 3):
            assert not outbox.send(run.pk)
            run.refresh_from_db()
            assert (run.mlflow_state, run.mlflow_attempts) == (MlflowState.PENDING, attempt)
            assert "500" in str(run.mlflow_error)
            assert run.mlflow_next_at is not None
            waits.append(run.mlflow_next_at - timezone.now())
    assert waits == sorted(waits), "each try waits longer"
    assert server.refused

    settings.MLFLOW_TRACKING_URI = real
    store.client.cache_clear()
    assert outbox.send(run.pk)
    run.refresh_from_db()
    assert (run.mlflow_state, run.mlflow_error) == (MlflowState.SENT, None)
    assert store.client().get_run(run.mlflow_run_id).info.status == "FINISHED"
