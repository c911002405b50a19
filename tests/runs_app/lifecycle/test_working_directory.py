"""Scripts that need a working directory or variables of their own, from the request to the end."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from registry_app.fields.confirmation import unconfirmed
from registry_app.models import Experiment
from runs_app.choices import RunStatus
from runs_app.cli.describe_run import describe_run
from runs_app.exceptions import DirectoryRefusedError, RefusedError
from runs_app.lifecycle.prepare import RunRequest, prepare
from runs_app.lifecycle.submit import again, submit
from tests.factories import change_entry_points, make_directory
from tests.runs_app.conftest import Home
from tests.runs_app.driving import run_to_end, start

pytestmark = pytest.mark.django_db

TRAIN = """
import os, pathlib
from helper import name
print(open("config.yaml").read(), os.environ["PPE_DATA"], os.environ["PWD"] == os.getcwd())
pathlib.Path("runs").mkdir()
pathlib.Path("runs/weights.txt").write_text(name)
"""


def ppe(home: Home, **fields: Any) -> Experiment:
    """A directory whose training script works in its folder `src` alone."""
    experiment = home.experiment("ppe")
    files = {"src/train.py": TRAIN, "src/helper.py": "name = 'w'", "src/config.yaml": "lr: 0.1"}
    make_directory(home.roots, "ppe", files)
    change_entry_points(experiment, default_script="src/train.py", **fields)
    return experiment


def test_a_script_starts_in_its_folder_with_its_variables(home: Home) -> None:
    experiment = ppe(home, working_directory="src", environment={"PPE_DATA": "/nas/ppe"})
    run = run_to_end(experiment)
    assert run.status == RunStatus.SUCCEEDED, (run.folder / "stderr.log").read_text()
    assert run.argv == [sys.executable, "train.py"]
    assert (run.folder / "stdout.log").read_text() == "lr: 0.1 /nas/ppe True\n"
    assert (run.script, run.cwd) == ("src/train.py", str(home.roots / "ppe"))
    shown = describe_run(run)
    assert shown["cwd"] == str(home.roots / "ppe" / "src")
    assert shown["environment"] == {"PPE_DATA": "/nas/ppe"}
    # What it left is named from the experiment's directory, as for any other script.
    assert [file.path for file in run.files.all()] == ["src/runs/weights.txt"]


def test_what_is_not_set_is_reported_before_the_start(home: Home) -> None:
    (warning,) = prepare(RunRequest(experiment=ppe(home), type="train")).warnings
    assert "src/train.py reads PPE_DATA from the environment without a default" in str(warning)


def test_what_the_worker_has_is_no_warning(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PPE_DATA", "/nas/ppe")
    assert prepare(RunRequest(experiment=ppe(home), type="train")).warnings == ()


@pytest.mark.parametrize(
    ("folder", "script", "argv"),
    [
        ("", "src/train.py", "src/train.py"),
        ("src", "src/train.py", "train.py"),
        ("data", "src/train.py", "../src/train.py"),
        ("src", "train.py", "../train.py"),
    ],
)
def test_the_script_is_named_from_where_it_starts(
    home: Home, folder: str, script: str, argv: str
) -> None:
    experiment = ppe(home, working_directory=folder)
    (home.roots / "ppe/data").mkdir()
    prepared = prepare(RunRequest(experiment=experiment, type="train", script=script))
    assert prepared.argv[1:] == (argv,)
    assert prepared.start_directory == home.roots / "ppe" / folder


@pytest.mark.parametrize("folder", ["nowhere", "../other", "/etc", "out", "train.py"])
def test_a_folder_that_is_not_inside_is_refused(home: Home, folder: str) -> None:
    experiment = ppe(home, working_directory=folder)
    (home.roots / "ppe/out").symlink_to("/etc")
    with pytest.raises(DirectoryRefusedError):
        prepare(RunRequest(experiment=experiment, type="train"))


def test_a_variable_that_starts_other_code_is_refused(home: Home) -> None:
    experiment = ppe(home, environment={"LD_PRELOAD": "/tmp/x.so"})
    with pytest.raises(RefusedError, match="LD_PRELOAD can start other code"):
        prepare(RunRequest(experiment=experiment, type="train"))


def test_a_run_is_given_variables_of_its_own_and_repeats_them(home: Home) -> None:
    experiment = ppe(home, working_directory="src", environment={"PPE_DATA": "/nas/ppe", "A": "1"})
    for_one = RunRequest(experiment=experiment, type="train", environment={"PPE_DATA": "/tmp/x"})
    run = submit(for_one, user=None)
    assert run.environment == {"PPE_DATA": "/tmp/x", "A": "1"}
    change_entry_points(experiment, environment={"PPE_DATA": "/nas/v2"})
    repeated = submit(again(run), user=None)
    assert (repeated.environment, repeated.given_environment) == (
        {"PPE_DATA": "/tmp/x"},
        {"PPE_DATA": "/tmp/x"},
    )
    assert submit(RunRequest(experiment=experiment, type="train"), user=None).environment == {
        "PPE_DATA": "/nas/v2"
    }


@pytest.mark.parametrize(
    ("variables", "reported"),
    [
        ({"LD_PRELOAD": "/tmp/x.so"}, "can start other code"),
        ({"WANDB_API_KEY": "abc"}, "looks like a secret"),
        ({"DB": "postgres://u:pw@host/x"}, "looks like a secret"),
        ({"MLFLOW_TRACKING_URI": "x"}, "set by the portal"),
        ({"1A": "x"}, "is not a name"),
    ],
)
def test_a_run_is_given_no_variable_that_an_entry_point_may_not_set(
    home: Home, variables: dict[str, str], reported: str
) -> None:
    request = RunRequest(experiment=ppe(home), type="train", environment=variables)
    with pytest.raises(RefusedError, match=reported):
        prepare(request)


def test_a_folder_that_leads_out_by_now_is_refused_at_the_start(home: Home) -> None:
    experiment = ppe(home, working_directory="data", environment={"PPE_DATA": "x"})
    folder = home.roots / "ppe/data"
    folder.mkdir()
    run = submit(RunRequest(experiment=experiment, type="train"), user=None)
    folder.rmdir()
    folder.symlink_to("/etc")
    assert not start(run)
    run.refresh_from_db()
    assert run.status == RunStatus.ERRORED
    assert "leads out of" in run.status_reason


def test_a_change_of_either_is_read_by_an_engineer_first(home: Home) -> None:
    experiment = ppe(home)
    entry = experiment.entry_points.get()
    entry.working_directory, entry.environment = "src", {"PPE_DATA": "/nas/ppe"}
    entry.save()
    waiting = unconfirmed(entry)
    assert waiting is not None
    fields = {
        difference.field.rpartition(".")[2]: (difference.old, difference.new)
        for difference in waiting.differences
    }
    assert fields["working_directory"] == ("", "src")
    assert fields["environment"][1] == {"PPE_DATA": "/nas/ppe"}
