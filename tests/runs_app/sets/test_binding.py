"""Which kept files a step gets: those of a model together, and none in the place of another."""

from __future__ import annotations

import hashlib
from pathlib import Path
from uuid import uuid4

import pytest

from registry_app.models import Experiment
from runs_app.models import Run, RunFile
from runs_app.sets import binding
from runs_app.sets.spec import FromStep, StepSpec
from tests.factories import make_run
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db


def kept(run: Run, *paths: str) -> None:
    """Note files that a run kept; the bytes of each are its path and the number of its run."""
    for path in paths:
        content = f"{path} of run {run.pk}".encode()
        RunFile.objects.create(
            run=run,
            path=path,
            change="added",
            size_bytes=len(content),
            kept=f"outputs/{path}",
            sha256=hashlib.sha256(content).hexdigest(),
        )


def bound(experiment: Experiment, runs: dict[str, Run], **files: FromStep) -> binding.Bound:
    spec = StepSpec(experiment=experiment, type="infer", name="infer", files=files)
    return binding.bind(spec, runs, uuid=uuid4())


def test_two_parameters_get_two_files_of_one_model_from_one_folder(home: Home) -> None:
    experiment = home.experiment()
    export = make_run(experiment)
    kept(export, "openvino/best.xml", "openvino/best.bin", "openvino/best.yaml", "log.txt")
    got = bound(
        experiment,
        {"export": export},
        model=FromStep(step="export", file="*.xml"),
        weights=FromStep(step="export", file="*.bin"),
    )
    assert {name: Path(path).name for name, path in got.paths.items()} == {
        "model": "best.xml",
        "weights": "best.bin",
    }
    assert len({Path(path).parent for path in got.paths.values()}) == 1
    assert sorted(str(item["path"]) for item in got.files) == [
        "inputs/infer/best.bin",
        "inputs/infer/best.xml",
        "inputs/infer/best.yaml",
    ]


def test_models_that_share_the_name_of_one_file_get_folders_of_their_own(home: Home) -> None:
    experiment = home.experiment()
    train, export = make_run(experiment), make_run(experiment)
    kept(train, "best.pt", "best.json")
    kept(export, "best.onnx", "best.json")
    got = bound(
        experiment,
        {"train": train, "export": export},
        teacher=FromStep(step="train", file="best.pt"),
        student=FromStep(step="export", file="best.onnx"),
    )
    assert {str(item["path"]): item["run"] for item in got.files} == {
        "inputs/infer/best.pt": train.pk,
        "inputs/infer/best.json": train.pk,
        "inputs/infer.2/best.onnx": export.pk,
        "inputs/infer.2/best.json": export.pk,
    }
