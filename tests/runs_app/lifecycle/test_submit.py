"""Turning a wish into queued rows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from django_q.models import OrmQ
from pytest_django import DjangoCaptureOnCommitCallbacks

from runs_app.exceptions import RunnerError
from runs_app.lifecycle.submit import (
    RunRequest,
    again,
    prepare,
    submit,
    submit_foreground,
    submit_many,
)
from runs_app.models import Run
from runs_app.preflight.script_choices import script_choices
from tests.factories import change_entry_points, make_entry_point, make_script, make_user
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db

EPOCHS: dict[str, object] = {"name": "epochs", "flag": "--epochs", "type": "int", "default": 3}


def test_what_is_shown_before_is_what_is_queued(home: Home) -> None:
    bct = home.experiment(parameters=[EPOCHS], template="--epochs {epochs}")
    request = RunRequest(
        experiment=bct, type="train", params={"epochs": "5"}, extra_args=("--resume",), note="night"
    )
    shown = prepare(request)
    assert shown.argv == (sys.executable, "train.py", "--epochs", "5", "--resume")
    assert shown.cwd == home.roots / "sampyo-gimhae-bct"
    assert not Run.objects.exists()
    run = submit(request, user=make_user("minsu"))
    run.refresh_from_db()
    assert (run.status, run.argv, run.cwd) == ("queued", list(shown.argv), str(shown.cwd))
    assert (run.params, run.note) == (shown.params, "night")
    assert run.queued_by is not None


def test_a_drafted_default_is_passed(home: Home) -> None:
    bct = home.experiment(parameters=[EPOCHS], template="--epochs {epochs}")
    shown = prepare(RunRequest(experiment=bct, type="train"))
    assert shown.argv[1:] == ("train.py", "--epochs", "3")
    assert shown.params == {"epochs": 3}


def test_queueing_rings_for_a_worker_after_the_commit(
    home: Home, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        submit(RunRequest(experiment=home.experiment(), type="train"), user=None)
        assert OrmQ.objects.count() == 0
    assert OrmQ.objects.count() == 1


def test_of_several_all_are_queued_or_none(home: Home) -> None:
    good, bad = home.experiment("bct"), home.experiment("ppe")
    (home.roots / "ppe/train.py").unlink()
    requests = [RunRequest(experiment=one, type="train") for one in (good, bad)]
    with pytest.raises(RunnerError, match="not in"):
        submit_many(requests, user=None)
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("wish", "cure"),
    [
        ({"type": "dance"}, "use one of train, infer"),
        ({"type": "infer"}, "Name one with --script"),
        ({"script": "trian.py"}, "Did you mean train.py"),
        ({"script": "../ppe/train.py"}, "inside"),
        ({"script": "/etc/passwd"}, "inside"),
        ({"params": {"epoch": "1"}}, "epochs"),
    ],
)
def test_a_refusal_names_the_cure(home: Home, wish: dict[str, Any], cure: str) -> None:
    bct = home.experiment(parameters=[EPOCHS])
    with pytest.raises(RunnerError, match=cure):
        submit(RunRequest(**{"experiment": bct, "type": "train", **wish}), user=None)
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("version", "why"), [("v" * 101, "longer than 100 characters"), ("v\udcff", "holds the sign")]
)
def test_a_version_that_no_database_takes_is_refused(home: Home, version: str, why: str) -> None:
    with pytest.raises(RunnerError, match=why):
        prepare(RunRequest(experiment=home.experiment(), type="train", version=version))


def test_a_directory_that_has_gone_is_refused(home: Home) -> None:
    bct = home.experiment()
    (home.roots / "sampyo-gimhae-bct").rename(home.roots / "moved")
    with pytest.raises(RunnerError, match="Bring it back"):
        prepare(RunRequest(experiment=bct, type="train"))


def test_an_interpreter_that_has_gone_is_refused(home: Home, tmp_path: Path) -> None:
    bct = home.experiment()
    change_entry_points(bct, interpreter=str(tmp_path / "python"))
    with pytest.raises(RunnerError, match=r"(?i)interpreter"):
        prepare(RunRequest(experiment=bct, type="train"))


def test_a_script_that_fits_no_pattern_runs_with_a_warning(home: Home) -> None:
    bct = home.experiment()
    change_entry_points(bct, patterns=["train*.py"])
    directory = home.roots / "sampyo-gimhae-bct"
    for name in ("train_v2.py", "evaluate.py"):
        (directory / name).write_text("")
    assert prepare(RunRequest(experiment=bct, type="train", script="train_v2.py")).script
    odd = prepare(RunRequest(experiment=bct, type="train", script="evaluate.py"))
    assert any("matches none of the patterns" in warning for warning in odd.warnings)


def test_the_default_script_is_offered_first(home: Home) -> None:
    bct = home.experiment()
    change_entry_points(bct, patterns=["old/*.py"])
    make_script(bct, "retrain.py")
    make_script(bct, "old/train.py", types=["data"])
    make_script(bct, "infer.py", types=["infer"])
    offered = script_choices(bct, "train")
    assert [choice.path for choice in offered] == ["train.py", "old/train.py", "retrain.py"]
    assert [choice.is_default for choice in offered] == [True, False, False]


def test_what_a_person_wrote_of_the_parameters_goes_before_what_a_scan_read(home: Home) -> None:
    bct = home.experiment(parameters=[EPOCHS])
    change_entry_points(bct, parameters=[{"name": "lr", "flag": "--lr"}])
    [choice] = script_choices(bct, "train")
    assert [parameter.name for parameter in choice.parameters] == ["lr"]


def test_limits_come_from_the_entry_point(home: Home) -> None:
    bct = home.experiment(overlap=True, timeout_s=60, grace_s=0)
    run = submit(RunRequest(experiment=bct, type="train"), user=None)
    assert (run.overlap, run.timeout_s, run.grace_s) == (True, 60, 0)


def test_again_gives_the_same_command(home: Home) -> None:
    bct = home.experiment(parameters=[EPOCHS], template="--epochs {epochs}")
    make_entry_point(bct, "infer", "infer.py")
    request = RunRequest(
        experiment=bct, type="train", version="v3", params={"epochs": "7"}, extra_args=("--x",)
    )
    first = submit(request, user=None)
    first.refresh_from_db()
    second = submit(again(first), user=None)
    assert (second.argv, second.version, second.rerun_of) == (first.argv, "v3", first)


def test_a_foreground_run_rings_for_nobody(
    home: Home, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        run = submit_foreground(
            RunRequest(experiment=home.experiment(), type="train"), user=None, host="gpu1"
        )
    assert (run.foreground, run.host, OrmQ.objects.count()) == (True, "gpu1", 0)
