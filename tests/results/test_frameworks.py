"""Real trainings, unmodified: portal and MLflow have what the framework logged, point for point."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from runs_app.tracking import outbox, store
from tests.registry_app.results.test_trainings import (
    FILE_TOLERANCE,
    FRAMEWORKS,
    LOG_TOLERANCE,
    SCRIPTS,
    python_with,
)
from tests.results.scripts import Curve
from tests.results.test_scripts import check_mlflow, curves_of, on_sqlite
from tests.runs_app.conftest import Home
from tests.runs_app.driving import run_to_end

pytestmark = [pytest.mark.frameworks, pytest.mark.processes, pytest.mark.mlflow]


@on_sqlite
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_training_is_shown_as_its_framework_logged_it(framework: str, home: Home) -> None:
    python = python_with(framework)
    source = (SCRIPTS / f"train_{framework}.py").read_text(encoding="utf-8")
    experiment = home.experiment(script=source, interpreter=python)
    run = run_to_end(experiment)
    assert run.exit_code == 0, (run.folder / "stderr.log").read_text()
    assert outbox.send(run.pk)
    run.refresh_from_db()
    curves = curves_of(run)
    truth = json.loads((Path(experiment.path) / "truth.json").read_text())
    for place, logged in truth.items():
        tolerance = LOG_TOLERANCE if place == "log" else FILE_TOLERANCE
        for name, values in logged.items():
            wanted = {int(step): value for step, value in values.items()}
            assert any(
                is_same(wanted, curve, tolerance)
                for key, curve in curves.items()
                if key == name or key.endswith(f"/{name}")
            ), f"{place} {name} {wanted}: {curves}"
    check_mlflow(run, curves)


def is_same(wanted: Curve, found: Curve, tolerance: float) -> bool:
    """Return whether a curve is the wanted one, or the same values with the steps of a file.

    A log counts epochs from 1 where its framework's file counts from 0; values that several places
    tell are kept once.
    """
    if len(wanted) == len(found) and not wanted.keys() <= found.keys():
        found = dict(zip(sorted(wanted), (found[step] for step in sorted(found)), strict=True))
    return wanted.keys() <= found.keys() and all(
        abs(found[step] - value) <= tolerance * max(abs(value), 0.1)
        for step, value in wanted.items()
    )


@on_sqlite
def test_ultralytics_own_callback_is_a_child_and_its_weights_take_no_space_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = python_with("ultralytics")
    asked = [python, "-c", "import mlflow"]
    if subprocess.run(asked, check=False, capture_output=True).returncode:
        pytest.skip(f"{python} has no MLflow, without which there is no callback")
    # Its settings are in the user's own folder otherwise. While pytest runs it calls no callback.
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(home.path))
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    source = (SCRIPTS / "train_ultralytics.py").read_text(encoding="utf-8")
    experiment = home.experiment(script=source, interpreter=python)
    run = run_to_end(experiment)
    assert run.exit_code == 0, (run.folder / "stderr.log").read_text()
    assert outbox.send(run.pk)
    run.refresh_from_db()
    client = store.client()
    parent = client.get_run(run.mlflow_run_id)
    (child,) = client.search_runs(
        [parent.info.experiment_id], f"tags.`mlflow.parentRunId` = '{run.mlflow_run_id}'"
    )
    names = [artifact.path for artifact in client.list_artifacts(child.info.run_id, "weights")]
    assert {Path(name).name for name in names} >= {"best.pt", "last.pt"}
    # After the last epoch it evaluates the best weights once more, which the table does not have.
    for key in ("metrics/mAP50B", "metrics/recallB"):
        epochs = [point.step for point in client.get_metric_history(parent.info.run_id, key)]
        more = [point.step for point in client.get_metric_history(child.info.run_id, key)]
        assert (epochs, more) == ([1, 2], [2])
    assert set(child.data.metrics) <= set(parent.data.metrics)
    made = Path(experiment.path) / "runs" / "train" / "weights"
    one_set = on_disk(made)
    assert on_disk(Path(experiment.path), home.path) <= 2 * one_set


def on_disk(*folders: Path) -> int:
    """Return the bytes that weights take on the disk below folders, each content once."""
    found = (file.stat() for folder in folders for file in folder.rglob("*.pt"))
    blocks = {(one.st_dev, one.st_ino): one.st_blocks for one in found}
    return 512 * sum(blocks.values())
