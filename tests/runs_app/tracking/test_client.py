"""Files are sent to MLflow one by one: a refused one does not affect the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from runs_app.tracking import client, store
from tests.runs_app.conftest import Home

pytestmark = [pytest.mark.django_db, pytest.mark.mlflow, pytest.mark.usefixtures("mlflow")]


def test_a_file_that_mlflow_refuses_is_named_and_the_others_arrive(
    home: Home, tmp_path: Path
) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(name)
    experiment = store.client().create_experiment(
        "files one by one", artifact_location=(tmp_path / "artifacts").as_uri()
    )
    opened = client.create_run(experiment, name="r", started_ms=1, tags={})
    files = [(tmp_path / "a.txt", "outputs/../a.txt"), (tmp_path / "b.txt", "outputs/b.txt")]
    assert client.add_files(opened.run_id, files) == ["outputs/../a.txt"]
    listed = store.client().list_artifacts(opened.run_id, "outputs")
    assert [item.path for item in listed] == ["outputs/b.txt"]


def test_a_server_that_fails_is_no_refusal() -> None:
    assert not client.is_refusal(ConnectionError("refused"))
    assert not client.is_refusal(OSError("disk"))
