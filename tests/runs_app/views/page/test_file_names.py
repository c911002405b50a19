"""Names of downloads: weights of two runs must not have the same one."""

from __future__ import annotations

import pytest

from registry_app.models import Experiment
from runs_app.models import Run
from runs_app.views.page.file_names import download_name


def named(path: str, experiment: str = "ppe-busan") -> str:
    return download_name(Run(pk=128, experiment=Experiment(name=experiment)), path)


@pytest.mark.parametrize("name", ["best.pt", "LAST.PT", "model.onnx", "model.engine"])
def test_weights_say_of_which_run_they_are(name: str) -> None:
    assert named(f"runs/train/exp/weights/{name}") == f"ppe-busan-128-{name}"


@pytest.mark.parametrize("name", ["results.csv", "val_batch0.jpg", "args.yaml"])
def test_other_files_keep_their_names(name: str) -> None:
    assert named(f"runs/{name}") == name


def test_name_of_an_experiment_is_safe_in_a_file_name() -> None:
    assert named("best.pt", "../부산 1공장/ppe") == "부산-1공장-ppe-128-best.pt"
    assert named("best.pt", "..") == "run-128-best.pt"
