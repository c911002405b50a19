"""Notes that start a script, and what lies beside it."""

from __future__ import annotations

import pytest

from registry_app.inference.choice.kinship import named_scripts, noted_scripts
from registry_app.inference.draft import draft_experiment
from tests.registry_app.inference.projects import make_project

KNOWN = ("train.py", "kit/tools/train.py", "part/kit/tools/train.py", "a/train.py", "go.sh")
TRAIN = "from ultralytics import YOLO\nYOLO('a').train(data='b', epochs=3)\n"
LOOK = "from ultralytics import YOLO\nYOLO('a').predict(source='b')\n"


@pytest.mark.parametrize(
    ("note", "scripts"),
    [
        ("python train.py --data a", {"train.py"}),
        ("    $ python3 -u a/train.py", {"a/train.py"}),
        ("torchrun --nproc_per_node 2 train.py", {"train.py"}),
        ("./go.sh", {"go.sh"}),
        ("cd a\n\n```\npython train.py\n```", {"a/train.py"}),
        ("cd part/kit && python tools/train.py", {"part/kit/tools/train.py"}),
        ("The code is in a/train.py.", set()),
        ("To begin, run `a/train.py`.", {"a/train.py"}),
        ("Execute **train.py** first", {"train.py"}),
        ("`a/train.py`를 실행합니다", {"a/train.py"}),
        ("Run `train.py`/ `a/train.py`. See `go.sh`.", {"train.py", "a/train.py"}),
        ("Run `train.py`, `a/train.py` or `go.sh`", {"train.py", "a/train.py", "go.sh"}),
        ("This run used `a/train.py`.", set()),
        ("python other.py", set()),
    ],
)
def test_a_note_starts_a_script(note: str, scripts: set[str]) -> None:
    assert noted_scripts([("README.md", note)], KNOWN) == scripts


def test_a_note_names_a_script() -> None:
    assert named_scripts([("README.md", "The code is in a/train.py.")], KNOWN) == {"a/train.py"}


@pytest.mark.parametrize(
    ("files", "train"),
    [
        # A trial or an example comes last.
        ({"examples/train.py": TRAIN, "parts/basic_train.py": TRAIN}, "parts/basic_train.py"),
        ({"baseline/train.py": TRAIN, "ours/train.py": TRAIN}, "ours/train.py"),
        # What a note starts comes before what is nearer to the top ...
        (
            {"a/train.py": TRAIN, "b/c/train.py": TRAIN, "README.md": "python b/c/train.py"},
            "b/c/train.py",
        ),
        # ... but a newer version of it is meant.
        (
            {"train_v1.py": TRAIN, "train_v2.py": TRAIN, "README.md": "python train_v1.py"},
            "train_v2.py",
        ),
        # Past runs show which one is in use.
        (
            {"a/train.py": TRAIN, "b/train.py": TRAIN, "b/runs/x/results.csv": "epoch\n0"},
            "b/train.py",
        ),
        ({"docs/course/train.py": TRAIN, "a/b/c/train.py": TRAIN}, "a/b/c/train.py"),
        ({"aTrainV1.py": TRAIN, "aTrainV3.py": TRAIN}, "aTrainV3.py"),
        # An example that a launcher starts is in use.
        (
            {"examples/fit.py": TRAIN, "a/b/train.py": TRAIN, "go.sh": "python examples/fit.py"},
            "a/b/train.py",
        ),
        (
            {"examples/train.py": TRAIN, "x/y/fit.py": TRAIN, "go.sh": "python examples/train.py"},
            "examples/train.py",
        ),
        # The project with scripts of more types is the main one.
        ({"a/train.py": TRAIN, "b/train.py": TRAIN, "b/look.py": LOOK}, "b/train.py"),
    ],
)
def test_the_training_in_use(files: dict[str, str], train: str) -> None:
    document = draft_experiment(make_project(files), path="a").document
    assert document.entry_points["train"].default == train


@pytest.mark.parametrize(
    ("name", "files", "train"),
    [
        # Of several projects, the one that is named after the task of the experiment.
        ("site-ppe", {"health/train.py": TRAIN, "ppe/study/fit.py": TRAIN}, "ppe/study/fit.py"),
        ("site-fire", {"a/train.py": TRAIN, "b/smoke/train.py": TRAIN}, "b/smoke/train.py"),
        ("site-ppe", {"a/train.py": TRAIN, "b/smoke/train.py": TRAIN}, "a/train.py"),
        # No project: the script at the top.
        ("site-ppe", {"train.py": TRAIN, "ppe/train.py": TRAIN}, "train.py"),
        # Of names that are as plain, the one that names the task.
        ("site-fall", {"fit_arm_net.py": TRAIN, "fit_fall_net.py": TRAIN}, "fit_fall_net.py"),
        ("site-fall", {"fit_arm.py": TRAIN, "fit_fall_net.py": TRAIN}, "fit_arm.py"),
    ],
)
def test_the_training_of_the_task(name: str, files: dict[str, str], train: str) -> None:
    document = draft_experiment(make_project(files, name=name), path="a").document
    assert document.entry_points["train"].default == train


def test_an_inference_beside_the_training_in_use_is_the_default() -> None:
    files = {f"{folder}/{name}": text for folder in ("a", "b")
             for name, text in (("train.py", TRAIN), ("predict.py", LOOK))}  # fmt: skip
    document = draft_experiment(
        make_project({**files, "README.md": "python b/train.py"}), path="a"
    ).document
    defaults = {kind: point.default for kind, point in document.entry_points.items()}
    assert defaults == {"train": "b/train.py", "infer": "b/predict.py"}
