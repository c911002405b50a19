"""Whether what was left running, and ended, was the work of the run."""

from __future__ import annotations

import pytest

from registry_app.models import Experiment
from runs_app.executors.left_work import ended_work
from runs_app.models import Run
from runs_app.runner.folder_records import ExitRecord
from tests.factories import make_directory, make_experiment, make_script
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db


def launched(home: Home, text: str) -> Run:
    directory = make_directory(home.roots, "e", {"run.sh": text, "train.py": ""})
    experiment = make_experiment("e", path=str(directory))
    return run_of(experiment, "run.sh")


def run_of(experiment: Experiment, script: str) -> Run:
    return Run(experiment=experiment, script=script, type="train", cwd=experiment.path)


def record(*left: str, count: int = 1, background: bool = False) -> ExitRecord:
    return ExitRecord(
        why="exited",
        exit_code=0,
        finished_at=1.0,
        stragglers=count,
        left=left,
        background=background,
    )


NOHUP = "nohup python train.py > log 2>&1 &\necho started\n"


@pytest.mark.parametrize(
    ("text", "left", "work"),
    [
        (NOHUP, ("python train.py",), "train.py"),
        (NOHUP, (), "train.py"),  # of another user, whose processes are not named
        (NOHUP, ("sleep",), ""),
        ("python train.py\ntensorboard --logdir runs &\n", ("python tensorboard",), ""),
        (
            "for i in 1 2; do python train.py; done &\n",
            ("bash run.sh", "python train.py"),
            "train.py",
        ),
        (NOHUP, ("python",), "train.py"),  # started in a folder where its script is not seen
        ("yolo train data=a.yaml &\n", ("python yolo",), "yolo"),
        ("python train.py\n", ("python train.py",), ""),
    ],
)
def test_a_launcher_that_only_starts_its_work_has_not_done_it(
    home: Home, text: str, left: tuple[str, ...], work: str
) -> None:
    assert ended_work(launched(home, text), record(*left)) == work


def test_what_may_go_on_was_not_ended(home: Home) -> None:
    run = launched(home, NOHUP)
    assert ended_work(run, record("python train.py", background=True)) == ""
    assert ended_work(run, record(count=0)) == ""


def test_a_script_that_leaves_another_of_its_type_has_not_done_its_work(home: Home) -> None:
    directory = make_directory(home.roots, "e", {"start.py": "", "train.py": "", "watch.py": ""})
    experiment = make_experiment("e", path=str(directory))
    make_script(experiment, "train.py", types=["train"])
    make_script(experiment, "watch.py", types=["demo"])
    start = run_of(experiment, "start.py")
    assert ended_work(start, record("python watch.py", "python train.py")) == "train.py"
    assert ended_work(start, record("python watch.py")) == ""
    # Workers of its own that outlived it are no work that was left undone.
    assert ended_work(run_of(experiment, "train.py"), record("python train.py")) == ""
