"""What an executor that is not this machine may answer, and what becomes of its runs."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from runs_app.choices import RunStatus
from runs_app.executors.base import Phase, Submission, folder_of
from runs_app.executors.chosen import job_of
from runs_app.lifecycle import observing, reconcile
from runs_app.lifecycle.cancel import cancel
from runs_app.models import Run
from runs_app.texts import reasons
from tests.doubles.spool_executor import SpoolExecutor
from tests.runs_app.conftest import Home
from tests.runs_app.driving import end, queue, reach, start
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.processes,
    pytest.mark.parametrize("carrier", ["spool"], indirect=True),
]

PATIENT = (
    "import pathlib, time; print('ready', flush=True)\n"
    "while not pathlib.Path('go').exists(): time.sleep(0.02)\n"
)


@pytest.fixture(autouse=True)
def no_process_stays(carrier: SpoolExecutor) -> Iterator[None]:
    yield
    for run in Run.objects.active():
        if cancel(run, user=None):
            end(run)


def patient(home: Home, name: str = "bct") -> Run:
    return queue(home.experiment(name, script=PATIENT, grace_s=1))


def let_go(home: Home, name: str = "bct") -> None:
    (home.roots / name / "go").touch()


def tick_and_look(run: Run) -> Run:
    reconcile.tick("spool")
    run.refresh_from_db()
    return run


def age(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(status_changed_at=timezone.now() - timedelta(minutes=1))


def test_an_engine_that_is_away_ends_no_run(home: Home, carrier: SpoolExecutor) -> None:
    run = patient(home)
    assert start(run)
    reach(run, RunStatus.RUNNING)
    carrier.kill_engine()
    assert job_of(run).phase is Phase.UNKNOWN
    age(run)
    assert tick_and_look(run).status == RunStatus.RUNNING
    assert cancel(run, user=None, by="jiwoo"), "the run folder hands it on"
    end(run)
    assert (run.status, run.reason_values) == (RunStatus.CANCELLED, {"user": "jiwoo"})
    carrier.start_engine()


def test_a_run_whose_submit_was_not_answered_is_looked_for_and_submitted_again(
    home: Home, carrier: SpoolExecutor
) -> None:
    run = patient(home)
    carrier.kill_engine()
    assert start(run)
    run.refresh_from_db()
    first = run.submission
    age(run)
    assert tick_and_look(run).status == RunStatus.STARTING, "nothing is known of it"
    carrier.start_engine()
    observing.observe(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.QUEUED
    assert start(run)
    let_go(home)
    end(run)
    assert (run.status, run.launches) == (RunStatus.SUCCEEDED, 2)
    assert [job["name"] for job in carrier.jobs()] == [run.submission]
    assert run.submission != first


def test_a_run_that_waits_in_the_engine_can_be_cancelled_there(
    home: Home, carrier: SpoolExecutor
) -> None:
    carrier.kill_engine()
    carrier.engine_slots = 1
    carrier.start_engine()
    first, second = patient(home, "bct"), patient(home, "ppe")
    assert start(first)
    assert start(second)
    age(second)
    assert tick_and_look(second).status == RunStatus.STARTING
    second.refresh_from_db()
    assert job_of(second).phase is Phase.WAITING
    assert cancel(second, user=None, by="jiwoo")
    end(second)
    assert (second.status, second.exit_code) == (RunStatus.CANCELLED, None)
    assert second.reason_code == reasons.CANCELLED_QUEUED.code
    let_go(home)
    assert end(first).status == RunStatus.SUCCEEDED


def test_a_run_that_its_engine_has_forgotten_ends_by_its_folder(
    home: Home, carrier: SpoolExecutor
) -> None:
    """The ids of the engine begin again, so another job has the id of the first."""
    run = patient(home, "bct")
    assert start(run)
    reach(run, RunStatus.RUNNING)
    carrier.kill_engine(forgets=True)
    carrier.start_engine()
    other = patient(home, "ppe")
    assert start(other)
    assert [job["id"] for job in carrier.jobs()] == [1]
    assert tick_and_look(run).status == RunStatus.RUNNING
    for name in ("bct", "ppe"):
        let_go(home, name)
    assert end(run).status == RunStatus.SUCCEEDED
    assert end(other).status == RunStatus.SUCCEEDED


def test_a_run_that_was_forgotten_and_shows_no_life_is_lost(
    home: Home, carrier: SpoolExecutor
) -> None:
    run = patient(home)
    assert start(run)
    reach(run, RunStatus.RUNNING)
    carrier.kill(run)
    carrier.kill_engine(forgets=True)
    carrier.start_engine()
    assert tick_and_look(run).status == RunStatus.RUNNING, "its heartbeat is fresh"
    before = time.time() - 60
    os.utime(run.folder / "supervisor.lock", (before, before))
    end(run)
    assert (run.status, run.reason_code) == (RunStatus.LOST, reasons.SUPERVISOR_DIED.code)


def test_a_job_that_was_submitted_twice_runs_once(home: Home, carrier: SpoolExecutor) -> None:
    run = patient(home)
    assert start(run)
    reach(run, RunStatus.RUNNING)
    again = Submission(id=run.submission, folder=folder_of(run), environment={})
    carrier.submit(again)
    wait_until(
        lambda: "over" in {job["state"] for job in carrier.jobs()}, what="the second one gives up"
    )
    assert tick_and_look(run).status == RunStatus.RUNNING
    let_go(home)
    assert end(run).status == RunStatus.SUCCEEDED
    assert folder_of(run).stdout.read_text() == "ready\n"
