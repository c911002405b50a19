"""Scripts that start in another way than by their path, from the request to the end."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from registry_app.fields.confirmation import unconfirmed
from registry_app.models import EntryPoint, Experiment
from runs_app.choices import RunStatus
from runs_app.exceptions import MissingModulesError
from runs_app.lifecycle.prepare import RunRequest, outline, prepare
from runs_app.models import Run
from runs_app.runner.command.launcher import ACCELERATE, TORCHRUN
from runs_app.runner.exceptions import CommandError
from runs_app.runner.interpreter import call_child
from tests.factories import change_entry_points, make_directory
from tests.runs_app.conftest import Home
from tests.runs_app.driving import run_to_end

pytestmark = pytest.mark.django_db

LEARN = """
import sys
from lid.data import NAME
def run():
    print(NAME, __name__, sys.argv[1:])
    return 3 if "--fail" in sys.argv else None
class Cli:
    @staticmethod
    def run():
        print("by the class")
"""


def lid(home: Home, **fields: Any) -> Experiment:
    """A package without a main guard, below `src`."""
    experiment = home.experiment("lid")
    files = {
        "src/lid/__init__.py": "",
        "src/lid/data.py": "NAME = 'lid'",
        "src/lid/learn.py": LEARN,
    }
    make_directory(home.roots, "lid", files)
    change_entry_points(experiment, default_script="src/lid/learn.py", **fields)
    return experiment


def said(run: Run) -> str:
    assert run.status == RunStatus.SUCCEEDED, (run.folder / "stderr.log").read_text()
    return (run.folder / "stdout.log").read_text()


@pytest.mark.usefixtures("fenced")
def test_a_function_is_called_with_the_arguments_behind_the_fence(home: Home) -> None:
    run = run_to_end(lid(home, start="callable:run"), extra_args=("--lr", "1"))
    assert said(run) == "lid lid.learn ['--lr', '1']\n"
    assert run.argv[1:4] == [call_child.__file__, "src/lid/learn.py", "run"]


def test_a_method_and_a_namespace_package_work_too(home: Home) -> None:
    experiment = lid(home, start="callable:Cli.run")
    (Path(home.roots) / "lid/src/lid/__init__.py").unlink()
    assert said(run_to_end(experiment)) == "by the class\n"


def test_what_the_function_returns_is_the_exit_status(home: Home) -> None:
    run = run_to_end(lid(home, start="callable:run"), extra_args=("--fail",))
    assert (run.status, run.exit_code) == (RunStatus.FAILED, 3)


def test_a_module_is_started_from_its_working_directory(home: Home) -> None:
    experiment = lid(home, start="module", working_directory="src")
    (Path(home.roots) / "lid/src/lid/learn.py").write_text("from lid.data import NAME\nprint(NAME)")
    run = run_to_end(experiment)
    assert said(run) == "lid\n"
    assert run.argv == [sys.executable, "-m", "lid.learn"]


@pytest.mark.parametrize(
    ("start", "gpus", "words"),
    [
        ("torchrun", 4, ["-m", TORCHRUN, "--standalone", "--nproc_per_node=4"]),
        ("torchrun", None, ["-m", TORCHRUN, "--standalone", "--nproc_per_node=1"]),
        ("torchrun", 0, ["-m", TORCHRUN, "--standalone", "--nproc_per_node=1"]),
        (
            "accelerate",
            2,
            ["-m", ACCELERATE, "--num_machines=1", "--num_processes=2", "--multi_gpu",
             "--main_process_port=0"],
        ),
        ("accelerate", 0, ["-m", ACCELERATE, "--num_machines=1", "--num_processes=1", "--cpu"]),
    ],
)  # fmt: skip
def test_launchers_get_a_process_for_each_gpu(
    home: Home, start: str, gpus: int | None, words: list[str]
) -> None:
    experiment = lid(home, start=start, gpus=gpus)
    prepared = outline(RunRequest(experiment=experiment, type="train", force=True))
    assert list(prepared.argv[1:]) == [*words, "src/lid/learn.py"]


def test_an_interpreter_without_the_launcher_is_refused(home: Home) -> None:
    with pytest.raises(MissingModulesError, match="accelerate"):
        prepare(RunRequest(experiment=lid(home, start="accelerate"), type="train"))


def test_a_launcher_of_the_environment_starts_the_script(home: Home) -> None:
    experiment = lid(home, start="torchrun")
    launcher = "import runpy, sys\nprint(sys.argv[1:])\nrunpy.run_path(sys.argv[-1])\n"
    files = {f"torch/{name}": "" for name in ("__init__.py", "distributed/__init__.py")}
    files |= {"torch/distributed/run.py": launcher, "src/lid/learn.py": "print('learned')"}
    make_directory(home.roots, "lid", files)
    shown = "['--standalone', '--nproc_per_node=1', 'src/lid/learn.py']\nlearned\n"
    assert said(run_to_end(experiment, force=True)) == shown


def test_only_python_scripts_are_started_in_another_way(home: Home) -> None:
    experiment = lid(home, start="torchrun")
    make_directory(home.roots, "lid", {"run.sh": "echo x"})
    change_entry_points(experiment, default_script="run.sh")
    with pytest.raises(CommandError, match="only Python scripts can"):
        outline(RunRequest(experiment=experiment, type="train", force=True))


def test_a_path_that_is_no_module_is_refused(home: Home) -> None:
    experiment = lid(home, start="module")
    make_directory(home.roots, "lid", {"train-v2.py": "print(1)"})
    change_entry_points(experiment, default_script="train-v2.py")
    with pytest.raises(CommandError, match="cannot be started as a module"):
        outline(RunRequest(experiment=experiment, type="train"))


def test_another_script_is_not_called_by_the_name_of_the_defaults_function(home: Home) -> None:
    experiment = lid(home, start="callable:run")
    make_directory(home.roots, "lid", {"other.py": "print('other')"})
    assert said(run_to_end(experiment, script="other.py")) == "other\n"


@pytest.mark.parametrize("path", ["train-v2.py", "my-fork/tools/test.py", "src/2nd/test.py"])
def test_another_script_that_no_module_can_name_is_started_by_its_path(
    home: Home, path: str
) -> None:
    experiment = lid(home, start="module", working_directory="src")
    make_directory(
        home.roots, "lid", {path: "print('other')", "src/lid/test.py": "print('beside')"}
    )
    assert said(run_to_end(experiment, script="src/lid/test.py")) == "beside\n"
    assert said(run_to_end(experiment, script=path)) == "other\n"


def test_a_changed_start_is_read_by_an_engineer_first(home: Home) -> None:
    experiment = lid(home)
    entry = experiment.entry_points.get(type="train")
    assert unconfirmed(entry) is None
    EntryPoint.objects.filter(pk=entry.pk).update(start="callable:run")
    entry.refresh_from_db()
    waiting = unconfirmed(entry)
    assert waiting is not None
    assert [difference.field for difference in waiting.differences] == ["entry_points.train.start"]


def test_the_database_takes_no_command(home: Home) -> None:
    entry = lid(home).entry_points.filter(type="train")
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.update(start="python -c 'print(1)'")
