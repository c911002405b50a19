"""Registered models in MLflow: made once, found again after a crash, and downloaded to compare."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import pytest
from django.conf import settings

from runs_app.exceptions import TrackingError
from runs_app.tracking import registered
from runs_app.tracking.registered import Own
from runs_app.tracking.store import client

pytestmark = pytest.mark.django_db
WEIGHTS = b"weights of a trained model"
DIGEST = hashlib.sha256(WEIGHTS).hexdigest()


NAME = "sampyo-ppe"


@pytest.fixture
def own() -> Own:
    """A promotion in an MLflow experiment of its own."""
    folder = Path(settings.MLFLOW_ARTIFACTS) / uuid4().hex
    made = client().create_experiment(
        f"sampyo.gimhae.{folder.name}", artifact_location=folder.as_uri()
    )
    return Own(key=folder.name, experiment_id=made, name="promotion", started_ms=1000, tags={})


def promoted(own: Own, tmp_path: Path, name: str = NAME) -> tuple[str, str]:
    """All steps but the alias; return the run and the version."""
    weights = tmp_path / "best.onnx"
    weights.write_bytes(WEIGHTS)
    run = registered.open_own_run(own)
    registered.upload(run, [(weights, "best.onnx")])
    registered.ensure_model(name, name, {"task": "ppe"})
    return run, registered.ensure_version(name, run, tags={"sha256": DIGEST}, card="how to load")


def test_repeated_steps_make_one_run_and_one_version(own: Own, tmp_path: Path) -> None:
    first = promoted(own, tmp_path)
    assert promoted(own, tmp_path) == first
    name, version = "sampyo-ppe", first[1]
    assert registered.champion_of(name) == ""
    registered.set_champion(name, version)
    registered.set_champion(name, version)
    assert registered.champion_of(name) == version
    assert registered.hashes_of(name, version) == {"best.onnx": DIGEST}
    registered.remove_champion(name)
    registered.remove_champion(name)
    assert registered.champion_of(name) == ""


def test_files_that_are_gone_are_seen_although_the_version_is_there(
    own: Own, tmp_path: Path
) -> None:
    run, version = promoted(own, tmp_path)
    shutil.rmtree(unquote(urlsplit(client().get_run(run).info.artifact_uri).path))
    assert registered.hashes_of("sampyo-ppe", version) == {}


def test_a_model_of_another_experiment_is_left_alone(own: Own, tmp_path: Path) -> None:
    promoted(own, tmp_path)
    with pytest.raises(TrackingError, match="sampyo-ppe, of sampyo-ppe"):
        registered.ensure_model("sampyo-ppe", "sampyo/ppe", {})
    client().create_registered_model("by-hand")
    with pytest.raises(TrackingError, match="by-hand"):
        registered.ensure_model("by-hand", "by-hand", {})


def test_a_run_that_was_deleted_in_mlflow_is_restored(own: Own, tmp_path: Path) -> None:
    run, _version = promoted(own, tmp_path)
    client().delete_run(run)
    assert registered.open_own_run(own) == run
    assert client().get_run(run).info.lifecycle_stage == "active"


@pytest.mark.parametrize(
    ("experiment", "name"),
    [("donghwa-ppe", "donghwa-ppe"), ("a/b:c", "a-b-c"), ("용접 구역", "용접 구역")],
)
def test_a_model_is_named_after_its_experiment(experiment: str, name: str) -> None:
    assert registered.model_name(experiment) == name


def test_a_model_that_is_not_there_has_no_champion() -> None:
    client()
    assert registered.champion_of("nothing") == ""
    registered.remove_champion("nothing")
