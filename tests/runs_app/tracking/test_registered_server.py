"""Registered models on an MLflow server, which is stricter than a store of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from runs_app.tracking import registered
from runs_app.tracking.registered import Own
from runs_app.tracking.store import client
from tests.runs_app.tracking.server import Server
from tests.runs_app.tracking.test_registered import DIGEST, promoted

pytestmark = [pytest.mark.django_db, pytest.mark.proof]


@pytest.fixture
def own(served_mlflow: Server) -> Own:
    """A promotion in an experiment of a running server."""
    made = client().create_experiment("sampyo.gimhae.ppe")
    return Own(key="p1", experiment_id=made, name="promotion", started_ms=1000, tags={})


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
