"""Which kept files a step gets: those of a model together, and none in the place of another."""

from __future__ import annotations

import hashlib
import unicodedata
from pathlib import Path
from uuid import uuid4

import pytest

from registry_app.models import Experiment
from runs_app.exceptions import RefusedError
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


@pytest.mark.parametrize(
    ("kept_name", "pattern"),
    [
        ("weights/best[1].pt", "weights/best[1].pt"),
        (unicodedata.normalize("NFD", "weights/최고.pt"), "weights/최고.pt"),
        ("weights/최고.pt", unicodedata.normalize("NFD", "weights/최*.pt")),
    ],
)
def test_a_file_is_named_by_its_own_path_however_it_is_written(
    home: Home, kept_name: str, pattern: str
) -> None:
    experiment = home.experiment()
    train = make_run(experiment)
    kept(train, kept_name, "weights/last.pt")
    got = bound(experiment, {"train": train}, weights=FromStep(step="train", file=pattern))
    assert [item["file"] for item in got.files] == [kept_name]


def test_half_a_model_is_not_handed_over(home: Home) -> None:
    experiment = home.experiment()
    export = make_run(experiment)
    kept(export, "best.xml", "best.bin", "best.txt")
    RunFile.objects.filter(path__in=("best.bin", "best.txt")).update(kept="")
    runs, source = {"export": export}, FromStep(step="export", file="*.xml")
    with pytest.raises(RefusedError, match=r"best\.bin of step export .* was not kept"):
        bound(experiment, runs, model=source)
    RunFile.objects.filter(path="best.bin").update(kept="outputs/best.bin")
    got = bound(experiment, runs, model=source)
    assert [item["file"] for item in got.files] == ["best.xml", "best.bin"]


def test_what_went_into_an_archive_says_so(home: Home) -> None:
    experiment = home.experiment()
    train = make_run(experiment)
    kept(train, "small-files.tar", "labels.txt")
    RunFile.objects.filter(path="small-files.tar").update(members=201)
    for pattern in ("out/7.yaml", "*.tar"):
        with pytest.raises(RefusedError, match=r"small files are in small-files\.tar"):
            bound(experiment, {"train": train}, table=FromStep(step="train", file=pattern))


@pytest.mark.parametrize(("pick", "chosen"), [("first", "B.pt"), ("last", "a.pt")])
def test_first_and_last_are_the_same_on_every_database(home: Home, pick: str, chosen: str) -> None:
    experiment = home.experiment()
    train = make_run(experiment)
    kept(train, "a.pt", "B.pt")
    got = bound(
        experiment, {"train": train}, weights=FromStep(step="train", file="*.pt", pick=pick)
    )
    assert [item["file"] for item in got.files] == [chosen]
