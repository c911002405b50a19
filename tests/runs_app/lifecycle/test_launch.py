"""Starting queued runs."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation
from pytest_django import Settings

from registry_app.models import Experiment
from runs_app.choices import RunStatus
from runs_app.executors.base import Executor, Submission
from runs_app.executors.chosen import executor
from runs_app.lifecycle import launch
from runs_app.lifecycle.cancel import cancel
from runs_app.lifecycle.prepare import RunRequest
from runs_app.lifecycle.submit import submit_foreground
from runs_app.models import Run
from runs_app.preflight import directory
from runs_app.runner.exceptions import LaunchError
from runs_app.texts import reasons
from tests.factories import make_run
from tests.runs_app.conftest import Home
from tests.runs_app.driving import end, on_each_executor, queue, reach, start
from tests.waiting import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.processes]

QUICK = "print('ready')\n"
KILLED = "import os, signal; print('epoch 1'); os.kill(os.getpid(), signal.SIGKILL)\n"
PATIENT = "import time; print('ready', flush=True); time.sleep(120)\n"


@pytest.fixture(autouse=True)
def no_process_stays(carrier: Executor) -> Iterator[None]:
    yield
    for run in Run.objects.active():
        if cancel(run, user=None):
            end(run)


@on_each_executor
def test_a_run_is_started_once(home: Home) -> None:
    run = queue(home.experiment(script=QUICK))
    assert [start(run), start(run)] == [True, False]
    end(run)
    assert (run.status, run.launches) == (RunStatus.SUCCEEDED, 1)
    assert (run.folder / "stdout.log").read_text() == "ready\n"


@on_each_executor
def test_a_second_run_waits_for_the_one_in_its_directory(home: Home) -> None:
    bct = home.experiment(script=QUICK)
    first, second = queue(bct), queue(bct)
    assert start(first)
    assert not start(second)
    second.refresh_from_db()
    assert (second.status, second.reason_code) == (RunStatus.QUEUED, reasons.WAITS_FOR_RUN.code)
    assert second.reason_values == {"run": first.pk, "runs": [first.pk]}
    end(first)
    assert start(second)
    assert end(second).status == RunStatus.SUCCEEDED


@on_each_executor
@pytest.mark.parametrize(
    ("buffered", "variable", "kept"),
    [
        (None, None, "epoch 1\n"),
        (False, None, "epoch 1\n"),
        (True, None, ""),
        (True, "1", "epoch 1\n"),
        (None, "", ""),
    ],
)
def test_what_a_killed_script_printed_is_lost_only_where_output_is_buffered(
    home: Home, buffered: bool | None, variable: str | None, kept: str
) -> None:
    experiment = home.experiment(script=KILLED, buffered=buffered)
    given = {} if variable is None else {"PYTHONUNBUFFERED": variable}
    run = queue(experiment, environment=given)
    assert start(run)
    assert end(run).status == RunStatus.FAILED
    assert (run.folder / "stdout.log").read_text() == kept


def test_runs_that_may_overlap_do_not_wait(home: Home) -> None:
    bct = home.experiment(script=PATIENT, overlap=True, grace_s=1)
    first, second = queue(bct), queue(bct)
    assert start(first)
    assert start(second)


def test_a_run_waits_for_a_free_slot(home: Home, settings: Settings) -> None:
    settings.GUARDIANFLOW_SLOTS = 1
    first, second = queue(home.experiment("bct", script=QUICK)), queue(home.experiment("ppe"))
    assert start(first)
    assert not start(second)
    second.refresh_from_db()
    assert second.reason_code == reasons.WAITS_FOR_SLOT.code
    end(first)


def test_runs_start_by_priority(home: Home, settings: Settings) -> None:
    settings.GUARDIANFLOW_SLOTS = 1
    queue(home.experiment("bct", script=QUICK))
    urgent = queue(home.experiment("ppe", script=QUICK), priority=5)
    assert launch.start_next(settings.GUARDIANFLOW_HOST) == [urgent.pk]


def test_a_person_at_a_terminal_does_not_wait_for_a_slot(home: Home, settings: Settings) -> None:
    settings.GUARDIANFLOW_SLOTS = 1
    host = settings.GUARDIANFLOW_HOST
    make_run(home.experiment("bct"), RunStatus.FINALIZING, host=host)
    ppe = home.experiment("ppe", script=QUICK)
    run = submit_foreground(RunRequest(experiment=ppe, type="train"), user=None, host=host)
    assert not launch.start(run.pk, host=host)
    assert launch.start(run.pk, host=host, foreground=True)
    end(run)
    Run.objects.filter(status=RunStatus.FINALIZING).delete()


def test_what_has_gone_since_it_was_queued_is_refused_with_the_reason(home: Home) -> None:
    run = queue(home.experiment())
    (home.roots / "sampyo-gimhae-bct/train.py").unlink()
    assert not start(run)
    run.refresh_from_db()
    assert (run.status, run.reason_code) == (RunStatus.ERRORED, reasons.REFUSED.code)
    assert "train.py" in run.status_reason
    assert run.finished_at is not None
    with translation.override("ko"):
        assert "train.py 스크립트가 없습니다" in run.status_reason, "whoever reads it"


def test_a_script_that_cannot_be_looked_at_any_more_is_refused(home: Home) -> None:
    run = queue(home.experiment())
    script = home.roots / "sampyo-gimhae-bct/train.py"
    script.unlink()
    script.symlink_to("a" * 300)
    assert not start(run)
    run.refresh_from_db()
    assert (run.status, run.reason_code) == (RunStatus.ERRORED, reasons.REFUSED.code)


def test_a_run_that_breaks_its_start_holds_up_no_other(
    home: Home, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = queue(home.experiment("broken"))
    well = queue(home.experiment("well", script=QUICK))
    real = directory.usable_directory

    def usable_directory(experiment: Experiment) -> Path:
        if experiment == broken.experiment:
            raise OSError(errno.ESTALE, "Stale file handle")
        return real(experiment)

    monkeypatch.setattr(directory, "usable_directory", usable_directory)
    assert launch.start_next(settings.GUARDIANFLOW_HOST) == [well.pk]
    broken.refresh_from_db()
    assert broken.status == RunStatus.QUEUED
    end(well)


def test_a_run_folder_that_cannot_be_made_ends_the_run(home: Home, settings: Settings) -> None:
    run = queue(home.experiment())
    settings.RUNS_DIR.write_text("a file where a folder should be")
    assert not start(run)
    run.refresh_from_db()
    assert (run.status, run.reason_code) == (RunStatus.ERRORED, reasons.LAUNCH_FAILED.code)
    assert run.exit_code is None


@on_each_executor
def test_a_supervisor_that_started_after_all_is_not_given_up(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = executor().submit

    def late(submission: Submission) -> None:
        real(submission)
        wait_until(submission.folder.claim, what="the supervisor claims its folder")
        raise LaunchError("detaching took too long")

    monkeypatch.setattr(executor(), "submit", late)
    run = queue(home.experiment(script=QUICK))
    assert start(run)
    assert end(run).status == RunStatus.SUCCEEDED


@on_each_executor
def test_the_script_runs_in_its_directory_with_a_clean_environment(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "hidden")
    script = (
        "import os; print(os.getcwd());"
        "print(sorted(n for n in os.environ if n.startswith(('DJANGO', 'GUARDIAN', 'SECRET'))))"
    )
    run = queue(home.experiment(script=script))
    assert start(run)
    end(run)
    where, names = (run.folder / "stdout.log").read_text().splitlines()
    assert where == str(home.roots / "sampyo-gimhae-bct")
    assert names == "['GUARDIANFLOW_RECORD_DIR', 'GUARDIANFLOW_RUN_ID']"


@on_each_executor
def test_the_state_follows_the_script(home: Home) -> None:
    run = queue(home.experiment(script=PATIENT, grace_s=1))
    assert start(run)
    run.refresh_from_db()
    assert run.status == RunStatus.STARTING
    reach(run, RunStatus.RUNNING)
    assert run.started_at is not None
