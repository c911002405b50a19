"""Rows follow the run folders, whatever happened to messages and processes."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from runs_app.choices import ACTIVE, RunStatus
from runs_app.executors import notices
from runs_app.executors.base import Executor, folder_of
from runs_app.executors.chosen import executor
from runs_app.lifecycle import observing, reconcile
from runs_app.lifecycle.cancel import cancel
from runs_app.lifecycle.prepare import RunRequest
from runs_app.lifecycle.submit import submit_foreground
from runs_app.models import HostHeartbeat, Run
from runs_app.queue import hosts
from runs_app.system import locks
from runs_app.texts import reasons, remarks
from tests.deleting import delete
from tests.factories import make_run
from tests.runs_app.conftest import Home
from tests.runs_app.disk_errors import make_unreadable
from tests.runs_app.driving import end, on_each_executor, queue, reach, start
from tests.runs_app.runner.scripts import is_alive
from tests.waiting import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.processes]

PATIENT = "import time; print('ready', flush=True); time.sleep(120)\n"


@pytest.fixture(autouse=True)
def no_process_stays(carrier: Executor) -> Iterator[None]:
    yield
    for run in Run.objects.filter(status__in=ACTIVE, host=executor().place):
        if cancel(run, user=None):
            end(run)


def running(home: Home) -> Run:
    run = queue(home.experiment(script=PATIENT))
    assert start(run)
    return reach(run, RunStatus.RUNNING)


def age(run: Run, **how: float) -> None:
    Run.objects.filter(pk=run.pk).update(status_changed_at=timezone.now() - timedelta(**how))
    run.refresh_from_db()


def tick() -> None:
    reconcile.tick(executor().place)


def supervisor_of(run: Run) -> int:
    started = folder_of(run).started()
    assert started is not None
    return started.pid


@on_each_executor
def test_the_tick_alone_takes_a_run_to_its_end(home: Home) -> None:
    run = queue(home.experiment())

    def look() -> bool:
        tick()
        run.refresh_from_db()
        return run.status == RunStatus.SUCCEEDED

    wait_until(look, what="the run succeeds by ticks alone")
    assert run.files.count() == 2


def test_the_tick_leaves_its_heartbeat(settings: Settings) -> None:
    settings.GUARDIANFLOW_SLOTS = 7
    tick()
    heartbeat = HostHeartbeat.objects.get()
    assert (heartbeat.host, heartbeat.slots) == (settings.GUARDIANFLOW_HOST, 7)
    assert heartbeat.is_alive()


def test_an_idle_tick_is_cheap(home: Home, django_assert_max_num_queries: object) -> None:
    tick()
    assert callable(django_assert_max_num_queries)
    with django_assert_max_num_queries(10):
        tick()


@on_each_executor
def test_a_running_run_is_cancelled_and_nothing_of_it_stays(home: Home) -> None:
    run = running(home)
    assert cancel(run, user=None, by="jiwoo")
    end(run)
    assert (run.status, run.reason_code) == (RunStatus.CANCELLED, reasons.CANCELLED.code)
    assert run.reason_values == {"user": "jiwoo"}


@on_each_executor
def test_a_request_that_was_only_stored_is_handed_on_by_the_tick(home: Home) -> None:
    run = running(home)
    Run.objects.filter(pk=run.pk).update(
        cancel_requested_at=timezone.now(), cancel_requested_by="jiwoo"
    )
    assert end(run).status == RunStatus.CANCELLED


@on_each_executor
def test_a_run_over_its_time_limit_is_stopped(home: Home) -> None:
    run = queue(home.experiment(script=PATIENT, timeout_s=1))
    assert start(run)
    end(run)
    assert (run.status, run.status_reason) == (
        RunStatus.TIMED_OUT,
        "Stopped after its time limit of 1 s.",
    )


@on_each_executor
def test_without_its_supervisor_a_run_is_lost(home: Home) -> None:
    run = running(home)
    os.kill(supervisor_of(run), signal.SIGKILL)
    end(run)
    assert (run.status, run.reason_code) == (RunStatus.LOST, reasons.SUPERVISOR_DIED.code)
    assert run.exit_code is None


def test_a_restored_copy_leaves_the_run_of_the_original_alone(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = running(home)
    original, away = run.folder, run.folder.with_name("original")
    original.rename(away)
    shutil.copytree(away, original)
    pid = supervisor_of(run)
    signals: list[tuple[int, int]] = []
    with monkeypatch.context() as patched:
        patched.setattr(os, "kill", lambda *sent: signals.append(sent))
        tick()
        executor().cancel(run)
    assert signals == []
    assert not (away / "cancel").exists()
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING
    os.kill(pid, signal.SIGKILL)
    end(run)
    assert run.status == RunStatus.LOST


def test_a_run_whose_folder_was_deleted_is_reported_and_kept_whole(home: Home) -> None:
    """Its new files are found, because the list of files from before its start is restored."""
    script = (
        "import pathlib, time; print('ready', flush=True)\n"
        "while not pathlib.Path('go').exists(): time.sleep(0.05)\n"
        "pathlib.Path('best.pt').write_text('weights'); raise SystemExit(3)\n"
    )
    run = queue(home.experiment(script=script))
    assert start(run)
    reach(run, RunStatus.RUNNING)
    delete(run.folder)
    tick()
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING
    assert len(notices.warnings_of(run)) == 1, "the page tells it while the script runs"
    Path(run.cwd, "go").touch()
    end(run)
    assert (run.status, run.exit_code) == (RunStatus.FAILED, 3)
    assert list(run.notices) == [remarks.FOLDER_RESTORED.code]
    assert (run.folder / "stdout.log").read_text() == "ready\n"
    assert [file.path for file in run.files.all()] == ["best.pt", "go"]


@on_each_executor
def test_a_run_whose_folder_was_deleted_can_be_cancelled(home: Home) -> None:
    run = running(home)
    delete(run.folder)
    assert cancel(run, user=None)
    assert end(run).status == RunStatus.CANCELLED


def test_without_folder_and_supervisor_a_run_says_that_its_folder_was_deleted(home: Home) -> None:
    run = running(home)
    pid = supervisor_of(run)
    os.kill(pid, signal.SIGSTOP)  # it cannot make the folder anew
    delete(run.folder)
    tick()
    run.refresh_from_db()
    assert list(run.notices) == [remarks.FOLDER_DELETED.code]
    Run.objects.filter(pk=run.pk).update(
        cancel_requested_at=timezone.now() - timedelta(minutes=1), cancel_requested_by="jiwoo"
    )
    end(run)
    assert (run.status, run.reason_code) == (RunStatus.LOST, reasons.FOLDER_DELETED.code)
    assert list(run.notices) == [remarks.FOLDER_DELETED.code, remarks.FILES_UNKNOWN.code]
    wait_until(lambda: not is_alive(pid), what="the supervisor is ended")


def test_a_script_that_lives_is_not_started_again_because_its_folder_is_gone(home: Home) -> None:
    run = running(home)
    os.kill(supervisor_of(run), signal.SIGSTOP)
    Run.objects.filter(pk=run.pk).update(status=RunStatus.STARTING, started_at=None)
    age(run, minutes=1)
    delete(run.folder)
    observing.observe(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.STARTING
    executor().kill(run)


def test_while_the_disk_of_all_run_folders_is_away_a_run_is_left_alone(
    home: Home, settings: Settings
) -> None:
    run = running(home)
    os.kill(supervisor_of(run), signal.SIGKILL)
    away = settings.RUNS_DIR.with_name("away")
    settings.RUNS_DIR.rename(away)
    tick()
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING
    away.rename(settings.RUNS_DIR)
    assert end(run).status == RunStatus.LOST


def test_a_run_that_was_lost_before_anybody_looked_still_knows_its_start(home: Home) -> None:
    run = queue(home.experiment(script=PATIENT))
    assert start(run)
    wait_until(lambda: folder_of(run).started() is not None, what="the script started")
    os.kill(supervisor_of(run), signal.SIGKILL)
    end(run)
    assert run.status == RunStatus.LOST
    assert run.started_at is not None
    assert run.mlflow_experiment, "MLflow is told of it"


@on_each_executor
def test_a_lost_run_is_corrected_when_its_record_turns_up(home: Home) -> None:
    run = queue(home.experiment())
    assert start(run)
    folder = run.folder
    wait_until((folder / "exit.json").exists, what="the script ends")
    hidden = folder.with_name("away")
    folder.rename(hidden)
    folder.mkdir()
    Run.objects.filter(pk=run.pk).update(
        status=RunStatus.LOST,
        outcome=RunStatus.LOST,
        reason_code=reasons.SUPERVISOR_DIED.code,
        finished_at=timezone.now(),
    )
    tick()
    run.refresh_from_db()
    assert run.status == RunStatus.LOST
    shutil.rmtree(folder)
    hidden.rename(folder)
    end(run)
    assert (run.status, run.exit_code, run.files.count()) == (RunStatus.SUCCEEDED, 0, 2)


@on_each_executor
def test_a_launch_that_never_happened_is_tried_again(home: Home) -> None:
    run = queue(home.experiment())
    Run.objects.filter(pk=run.pk).update(
        status=RunStatus.STARTING, host=executor().place, launches=1
    )
    observing.observe(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.STARTING
    age(run, minutes=1)
    observing.observe(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.QUEUED
    assert start(run)
    end(run)
    assert (run.status, run.launches) == (RunStatus.SUCCEEDED, 2)


def test_the_folder_of_a_failed_launch_takes_no_place_of_an_earlier_one(home: Home) -> None:
    """A database that was set back counts launches from the beginning."""
    run = make_run(
        home.experiment(),
        RunStatus.STARTING,
        host=executor().place,
        launches=1,
        started_at=None,
    )
    earlier = run.folder.with_name(f"{run.uuid}.1")
    for folder in (run.folder, earlier):
        folder.mkdir(parents=True)
        (folder / "spec.json").write_text(folder.name)
        os.utime(folder / "spec.json", (0, 0))
    age(run, minutes=1)
    observing.observe(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.QUEUED
    assert (earlier / "spec.json").read_text() == earlier.name
    assert (run.folder.with_name(f"{run.uuid}.2") / "spec.json").read_text() == run.folder.name


@on_each_executor
def test_a_launch_that_never_happens_is_given_up(home: Home) -> None:
    run = make_run(home.experiment(), RunStatus.STARTING, host=executor().place, launches=3)
    age(run, minutes=1)
    observing.observe(run.pk)
    run.refresh_from_db()
    assert (run.status, run.reason_code) == (RunStatus.ERRORED, reasons.NEVER_STARTED.code)


@on_each_executor
def test_a_launch_that_never_happened_and_was_cancelled_is_cancelled(home: Home) -> None:
    run = make_run(
        home.experiment(),
        RunStatus.STARTING,
        host=executor().place,
        cancel_requested_at=timezone.now(),
        cancel_requested_by="jiwoo",
        started_at=None,
    )
    age(run, minutes=1)
    observing.observe(run.pk)
    run.refresh_from_db()
    assert (run.status, run.exit_code) == (RunStatus.CANCELLED, None)


def test_a_broken_run_folder_stops_no_other_run(home: Home) -> None:
    broken = queue(home.experiment("ppe"))
    assert start(broken)
    reach(broken, RunStatus.FINALIZING)
    shutil.rmtree(broken.folder)
    Path(broken.folder).write_text("a file where a folder was")
    whole = queue(home.experiment("bct"))

    def look() -> bool:
        tick()
        whole.refresh_from_db()
        return whole.status == RunStatus.SUCCEEDED

    wait_until(look, what="the other run succeeds")


def test_a_run_folder_that_cannot_be_read_stops_no_tick(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as after `chmod -R` by a process that the script has left."""
    unread = queue(home.experiment("ppe"))
    assert start(unread)
    reach(unread, RunStatus.FINALIZING)
    whole = queue(home.experiment("bct"))
    with monkeypatch.context() as patched:
        make_unreadable(patched, unread)
        assert reconcile.look(executor().place).start
        tick()
        whole.refresh_from_db()
        assert whole.status != RunStatus.QUEUED
        assert end(whole).status == RunStatus.SUCCEEDED
    assert end(unread).status == RunStatus.SUCCEEDED


def test_a_terminal_whose_lock_cannot_be_opened_stops_no_tick(
    home: Home, settings: Settings
) -> None:
    locks_of_terminals = Path(settings.SPOOL_DIR, "foreground")
    locks_of_terminals.parent.mkdir(parents=True, exist_ok=True)
    locks_of_terminals.write_text("a file where a folder belongs")
    run = make_run(
        home.experiment(),
        host=executor().place,
        foreground=True,
        queued_at=timezone.now() - timedelta(minutes=1),
    )
    tick()
    run.refresh_from_db()
    assert run.status == RunStatus.QUEUED
    locks_of_terminals.unlink()
    tick()
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED


def test_runs_of_another_machine_are_left_alone(home: Home) -> None:
    run = make_run(home.experiment(), RunStatus.RUNNING, host="gpu9")
    tick()
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING


def test_a_queued_foreground_run_ends_with_its_terminal(home: Home, settings: Settings) -> None:
    run = submit_foreground(
        RunRequest(experiment=home.experiment(), type="train"),
        user=None,
        host=executor().place,
    )
    Run.objects.filter(pk=run.pk).update(queued_at=timezone.now() - timedelta(minutes=1))
    with locks.hold(hosts.foreground_lock(run)):
        tick()
        run.refresh_from_db()
        assert run.status == RunStatus.QUEUED
    tick()
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED
