"""Registered models on an MLflow server, which is stricter than a store of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from runs_app.tracking import registered, store
from runs_app.tracking.registered import Own
from runs_app.tracking.store import client
from tests.runs_app.conftest import Home
from tests.runs_app.tracking.test_outbox_server import Server
from tests.runs_app.tracking.test_registered import DIGEST, promoted
from tests.waiting import LIMIT_S

pytestmark = [pytest.mark.django_db, pytest.mark.proof]


@pytest.fixture
def own(
    home: Home, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Own]:
    """A promotion in an experiment of a running server."""
    server = Server(tmp_path)
    settings.MLFLOW_TRACKING_URI = server.url
    monkeypatch.setattr(store, "PROBE_TIMEOUT_S", LIMIT_S)
    store.client.cache_clear()
    server.start()
    made = client().create_experiment("sampyo.gimhae.ppe")
    yield Own(key="p1", experiment_id=made, name="promotion", started_ms=1000, tags={})
    server.kill()
    store.client.cache_clear()


def test_a_server_takes_every_step_twice(own: Own, tmp_path: Path) -> None:
    first = promoted(own, tmp_path)
    assert promoted(own, tmp_path) == first
    name, version = "sampyo-ppe", first[1]
    registered.set_champion(name, version)
    registered.set_champion(name, version)
    assert registered.champion_of(name) == version == "1"
    assert registered.hashes_of(name, version) == {"best.onnx": DIGEST}
    client()._tracking_client._get_artifact_repo(first[0]).delete_artifacts()
    assert registered.hashes_of(name, version) == {}, "as after mlflow gc"
    registered.remove_champion(name)
    registered.remove_champion(name)
    assert registered.champion_of(name) == ""
