"""An embedded MLflow store that was moved away, and comes back under a worker that goes on."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from portal.backup.database import copy_sqlite
from runs_app.choices import MlflowState
from runs_app.exceptions import TrackingAwayError
from runs_app.models import Run
from runs_app.tracking import outbox
from runs_app.tracking import store as tracking_store
from tests.runs_app.conftest import Home
from tests.runs_app.driving import run_to_end

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.processes,
    pytest.mark.mlflow,
]


@pytest.fixture
def store(home: Home, settings: Settings, mlflow: None) -> Iterator[Path]:
    """The folder of a store of this test alone; a copy, because to make one takes seconds."""
    folder = Path(settings.MLFLOW_HOME)
    folder.mkdir(exist_ok=True)
    copy_sqlite(Path(home.store.removeprefix("sqlite:///")), folder / "mlflow.sqlite3")
    settings.MLFLOW_TRACKING_URI = f"sqlite:///{folder / 'mlflow.sqlite3'}"
    tracking_store.client.cache_clear()
    with warnings.catch_warnings(action="ignore"):
        yield folder
    tracking_store.client.cache_clear()


def test_a_worker_recovers_whole_when_the_store_is_back(home: Home, store: Path) -> None:
    bct = home.experiment()
    first, second = run_to_end(bct), run_to_end(bct)
    assert outbox.send(first.pk)
    aside = store.with_name("mlflow.away")
    store.rename(aside)
    assert not outbox.send(second.pk)
    second.refresh_from_db()
    assert second.mlflow_state == MlflowState.PENDING
    assert "does not exist" in str(second.mlflow_error)
    assert not store.exists(), "nothing stands in the way of the store"
    aside.rename(store)
    assert outbox.send(second.pk)
    assert (times_stored(first), times_stored(second)) == (1, 1)


def test_a_process_that_starts_meanwhile_begins_no_other_store(home: Home, store: Path) -> None:
    run = run_to_end(home.experiment())
    assert outbox.send(run.pk)
    aside = store.with_name("mlflow.away")
    store.rename(aside)
    tracking_store.client.cache_clear()
    Run.objects.filter(pk=run.pk).update(mlflow_state=MlflowState.PENDING)
    assert not outbox.send(run.pk)
    assert not store.exists()
    with pytest.raises(TrackingAwayError, match="Restore it"):
        tracking_store.client()
    aside.rename(store)
    assert outbox.send(run.pk)


def test_an_outage_of_the_store_postpones_all_runs_at_once(home: Home, store: Path) -> None:
    bct = home.experiment()
    runs = [run_to_end(bct) for _ in range(3)]
    assert outbox.send(runs[0].pk)
    aside = store.with_name("mlflow.away")
    store.rename(aside)
    assert outbox.send_due() == 0
    attempts = [Run.objects.get(pk=run.pk).mlflow_attempts for run in runs[1:]]
    assert sorted(attempts) == [0, 1]
    aside.rename(store)
    Run.objects.filter(pk=runs[1].pk).update(mlflow_next_at=timezone.now() - timedelta(seconds=1))
    assert outbox.send(runs[1].pk)
    assert outbox.send_due() == 1  # the others are due as soon as one went through


def test_a_person_may_begin_again(home: Home, store: Path) -> None:
    run = run_to_end(home.experiment())
    assert outbox.send(run.pk)
    shutil.rmtree(store)
    store.mkdir()
    Run.objects.filter(pk=run.pk).update(mlflow_state=MlflowState.PENDING)
    (store / "mlflow.sqlite3").touch()
    tracking_store.client.cache_clear()  # the worker is started again
    assert outbox.send(run.pk)
    assert times_stored(run) == 1


def times_stored(run: Run) -> int:
    client = tracking_store.client()
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    return len(client.search_runs(experiments, f"tags.`guardianflow.run_id` = '{run.uuid}'"))
