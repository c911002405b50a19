"""Turning a request into queued rows."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from registry_app.messages import Text, message_of
from runs_app.choices import RunStatus
from runs_app.exceptions import RunnerError, ScriptRefusedError
from runs_app.lifecycle.prepare import RunRequest, prepare
from runs_app.lifecycle.submit import again, submit, submit_foreground, submit_many
from runs_app.models import Run
from runs_app.preflight.script_choices import script_choices
from runs_app.texts import refusals
from tests.factories import (
    change_entry_points,
    make_directory,
    make_entry_point,
    make_experiment,
    make_run,
    make_script,
    make_user,
)
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


@pytest.mark.parametrize(
    ("scanned_at", "has_entry_point", "refusal"),
    [
        (timezone.now(), False, refusals.NO_SCRIPTS),
        (timezone.now(), True, refusals.NO_DEFAULT_SCRIPT),
        (None, False, refusals.NO_DEFAULT_SCRIPT),
        (None, True, refusals.NO_DEFAULT_SCRIPT),
    ],
)
def test_only_a_scan_knows_that_a_directory_has_no_script(
    home: Home, scanned_at: datetime | None, has_entry_point: bool, refusal: Text
) -> None:
    directory = make_directory(home.roots, "ppe", {"train.py": "print('ready')"})
    ppe = make_experiment("ppe", path=str(directory), scanned_at=scanned_at)
    if has_entry_point:
        make_entry_point(ppe, default_script="")
    with pytest.raises(ScriptRefusedError) as refused:
        submit(RunRequest(experiment=ppe, type="train"), user=None)
    assert message_of(refused.value).code == refusal.code


def test_what_no_one_gave_is_not_passed_and_noted_as_the_scripts_own(home: Home) -> None:
    bct = home.experiment(parameters=[EPOCHS], template="--epochs {epochs}")
    run = submit(RunRequest(experiment=bct, type="train"), user=None)
    assert run.argv[1:] == ["train.py"]
    assert (run.params, run.given) == ({"epochs": 3}, {})
    assert run.left_to_script == {"epochs": "epochs"}


def test_a_run_of_an_older_version_is_repeated_with_all_that_it_passed(home: Home) -> None:
    bct = home.experiment(parameters=[EPOCHS], template="--epochs {epochs}")
    older = make_run(bct, RunStatus.FAILED, params={"epochs": 2}, given=None)
    repeated = submit(again(older), user=None)
    assert (repeated.argv[1:], repeated.given) == (["train.py", "--epochs", "2"], {"epochs": 2})
    by_itself = submit(RunRequest(experiment=bct, type="train"), user=None)
    assert submit(again(by_itself), user=None).argv[1:] == ["train.py"]


def test_a_default_that_a_person_wrote_down_is_passed(home: Home) -> None:
    bct = home.experiment(parameters=[EPOCHS], template="--epochs {epochs}")
    change_entry_points(bct, parameters=[EPOCHS | {"default": 7}])
    run = submit(RunRequest(experiment=bct, type="train"), user=None)
    assert run.argv[1:] == ["train.py", "--epochs", "7"]
    taken_off = RunRequest(experiment=bct, type="train", params={"epochs": None})
    assert submit(taken_off, user=None).argv[1:] == ["train.py"]
    assert submit(again(Run.objects.latest("pk")), user=None).argv[1:] == ["train.py"]


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
    requests = [RunRequest(experiment=item, type="train") for item in (good, bad)]
    with pytest.raises(RunnerError, match="not in"):
        submit_many(requests, user=None)
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("demand", "fix"),
    [
        ({"type": "dance"}, "use one of train, infer"),
        ({"type": "infer"}, "Its directory has train.py. Specify one with --script"),
        ({"script": "trian.py"}, "Did you mean train.py"),
        ({"script": "../ppe/train.py"}, "inside"),
        ({"script": "/etc/passwd"}, "inside"),
        ({"params": {"epoch": "1"}}, "epochs"),
    ],
)
def test_a_refusal_names_the_fix(home: Home, demand: dict[str, Any], fix: str) -> None:
    bct = home.experiment(parameters=[EPOCHS])
    with pytest.raises(RunnerError, match=fix):
        submit(RunRequest(**{"experiment": bct, "type": "train", **demand}), user=None)
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("version", "why"),
    [("v" * 101, "longer than 100 characters"), ("v\udcff", "holds the character")],
)
def test_a_version_that_no_database_takes_is_refused(home: Home, version: str, why: str) -> None:
    with pytest.raises(RunnerError, match=why):
        prepare(RunRequest(experiment=home.experiment(), type="train", version=version))


def test_a_directory_that_has_gone_is_refused(home: Home) -> None:
    bct = home.experiment()
    (home.roots / "sampyo-gimhae-bct").rename(home.roots / "moved")
    with pytest.raises(RunnerError, match="Restore it"):
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
    assert any("matches none of the patterns" in str(warning) for warning in odd.warnings)


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


def test_a_foreground_run_notifies_no_worker(
    home: Home, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        run = submit_foreground(
            RunRequest(experiment=home.experiment(), type="train"), user=None, host="gpu1"
        )
    assert (run.foreground, run.host, OrmQ.objects.count()) == (True, "gpu1", 0)


def test_queueing_takes_the_same_queries_however_much_there_is(
    home: Home, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    experiment = home.experiment()
    for number in range(20):
        make_script(experiment, f"other_{number}.py")
        make_run(experiment, RunStatus.SUCCEEDED)
        make_run(home.experiment(f"site-{number}"))
    parameters = [{"name": f"p{number}", "flag": f"--p{number}"} for number in range(50)]
    change_entry_points(experiment, parameters=parameters)
    fresh = type(experiment).objects.get(pk=experiment.pk)
    request = RunRequest(experiment=fresh, type="train", params={"p1": 1, "p2": 2})
    minsu = make_user()
    with django_assert_max_num_queries(13):
        submit(request, user=minsu)
