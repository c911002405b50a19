"""A database that is older than the run folders starts no script again and overwrites nothing."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from runs_app.choices import ACTIVE, RunStatus
from runs_app.executors.base import Executor, Submission, folder_of
from runs_app.executors.chosen import executor
from runs_app.lifecycle import launch, reconcile
from runs_app.lifecycle.cancel import cancel
from runs_app.lifecycle.prepare import RunRequest
from runs_app.lifecycle.submit import submit_foreground
from runs_app.models import Run
from runs_app.texts import reasons
from tests.factories import make_run
from tests.runs_app.conftest import Home
from tests.runs_app.driving import end, on_each_executor, queue, reach, start
from tests.runs_app.runner.scripts import is_alive
from tests.waiting import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.processes]

TRAIN = "print('ready', flush=True)\nopen('best.pt', 'wb').write(b'weights')\n"
PATIENT = "import time; print('ready', flush=True); time.sleep(120)\n"
RECORDS = ("manifest-before.jsonl", "launch.json", "spec.json", "claimed", "exit.json")


@pytest.fixture(autouse=True)
def no_process_stays(carrier: Executor) -> Iterator[None]:
    yield
    for run in Run.objects.filter(status__in=ACTIVE, host=executor().place):
        if cancel(run, user=None):
            end(run)


def set_back(run: Run) -> None:
    """Store the row as it was when the run was queued; its folder stays as it is."""
    then = {field.attname: getattr(run, field.attname) for field in Run._meta.concrete_fields}
    Run.objects.filter(pk=run.pk).update(**then)


def started_and_set_back(home: Home, script: str, *, ends: bool) -> Run:
    """Return a run that its database believes to be queued."""
    run = queue(home.experiment(script=script, grace_s=1))
    assert start(run)
    folder = folder_of(run)
    seen = folder.exit_record if ends else folder.started
    wait_until(lambda: seen() is not None, what="the script ends" if ends else "the script starts")
    set_back(run)
    return run


@on_each_executor
def test_a_run_that_has_ended_is_collected_and_not_started_again(home: Home) -> None:
    run = started_and_set_back(home, TRAIN, ends=True)
    records = {name: (run.folder / name).read_bytes() for name in RECORDS}
    assert not start(run)
    end(run)
    assert (run.status, run.launches) == (RunStatus.SUCCEEDED, 1)
    assert {name: (run.folder / name).read_bytes() for name in RECORDS} == records
    assert (run.folder / "stdout.log").read_text() == "ready\n"
    assert (run.folder / "outputs/best.pt").read_bytes() == b"weights"
    assert [file.path for file in run.files.all()] == ["best.pt"]


@on_each_executor
def test_a_script_that_goes_on_is_followed_and_can_be_cancelled(home: Home) -> None:
    run = started_and_set_back(home, PATIENT, ends=False)
    assert launch.start_next(executor().place) == []
    reach(run, RunStatus.RUNNING)
    assert cancel(run, user=None)
    assert end(run).status == RunStatus.CANCELLED


def test_a_cancel_ends_a_script_whose_run_seems_to_wait(home: Home) -> None:
    run = started_and_set_back(home, PATIENT, ends=False)
    started = folder_of(run).started()
    assert started is not None
    assert cancel(run, user=None)
    assert end(run).status == RunStatus.CANCELLED
    wait_until(lambda: not is_alive(started.script_pid), what="the script is ended")


def test_a_cancel_ends_a_script_whose_run_waits_for_its_directory(home: Home) -> None:
    run = started_and_set_back(home, PATIENT, ends=False)
    folder = folder_of(run)
    other = make_run(run.experiment, RunStatus.FINALIZING, host="gpu9")
    assert cancel(run, user=None, by="jiwoo")
    run.refresh_from_db()
    assert (run.status, run.cancel_requested_by) == (RunStatus.QUEUED, "jiwoo")
    assert not cancel(run, user=None, by="minsu")
    wait_until(lambda: folder.exit_record() is not None, what="the script is ended")
    other.delete()
    reconcile.look(executor().place)
    assert end(run).status == RunStatus.CANCELLED


def test_a_run_that_must_wait_now_is_taken_up_by_the_tick(home: Home) -> None:
    run = started_and_set_back(home, TRAIN, ends=True)
    Run.objects.filter(pk=run.pk).update(gpus=8)
    reconcile.look(executor().place)
    assert end(run).status == RunStatus.SUCCEEDED


def test_a_run_of_a_terminal_is_not_cancelled_because_that_is_gone(home: Home) -> None:
    request = RunRequest(experiment=home.experiment(script=TRAIN), type="train")
    run = submit_foreground(request, user=None, host=executor().place)
    assert launch.start(run.pk, host=run.host, foreground=True)
    wait_until(lambda: folder_of(run).exit_record() is not None, what="the script ends")
    run.queued_at = timezone.now() - timedelta(minutes=1)
    set_back(run)
    reconcile.look(run.host)
    assert end(run).status == RunStatus.SUCCEEDED


def test_a_run_that_died_with_its_supervisor_is_lost(home: Home) -> None:
    run = queue(home.experiment(script=PATIENT))
    assert start(run)
    folder = folder_of(run)
    wait_until(lambda: folder.started() is not None, what="the script starts")
    started = folder.started()
    assert started is not None
    os.kill(started.pid, signal.SIGKILL)
    wait_until(lambda: not folder.is_locked(), what="the supervisor is gone")
    set_back(run)
    assert not start(run)
    assert end(run).status == RunStatus.LOST
    assert run.reason_code == reasons.SUPERVISOR_DIED.code


def test_a_run_whose_launch_failed_takes_no_files_of_the_runs_since(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = queue(home.experiment(script=TRAIN))
    with monkeypatch.context() as patched:
        patched.setattr(executor(), "submit", refuse)
        assert not start(run)
    set_back(run)
    Path(run.cwd, "best.pt").write_bytes(b"weights of another run")
    assert not start(run)
    assert end(run).status == RunStatus.LOST
    assert not run.files.exists()
    assert (run.source_changed, run.notices) == ([], {})


def refuse(_submission: Submission) -> None:
    raise OSError(errno.EAGAIN, "Resource temporarily unavailable")


def test_a_run_whose_row_is_made_anew_under_its_key_has_the_results_of_before(home: Home) -> None:
    """Steps of chains and times of schedules get the same key again."""
    run = started_and_set_back(home, TRAIN, ends=True)
    Run.objects.filter(pk=run.pk).delete()
    again = queue(run.experiment, uuid=run.uuid)
    assert launch.start_next(executor().place) == []
    assert end(again).status == RunStatus.SUCCEEDED
    assert [file.path for file in again.files.all()] == ["best.pt"]


def test_it_waits_while_another_run_has_its_directory(home: Home) -> None:
    run = started_and_set_back(home, TRAIN, ends=True)
    other = make_run(run.experiment, RunStatus.FINALIZING, host="gpu9")
    assert not start(run)
    run.refresh_from_db()
    assert run.status == RunStatus.QUEUED
    other.delete()
    assert not start(run)
    assert end(run).status == RunStatus.SUCCEEDED
