"""A directory that a run of another portal uses is waited for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runs_app.choices import RunStatus
from runs_app.executors.base import folder_of
from runs_app.executors.chosen import executor
from runs_app.lifecycle import collect, launch
from runs_app.models import Run
from runs_app.queue import directories
from runs_app.runner.guards.directory_lock import EXCLUSIVE, SHARED, SHARED_LATER, hold, is_held
from runs_app.runner.handover import keeping_directory
from runs_app.runner.outputs import snapshot
from runs_app.runner.outputs.snapshot import Manifest
from runs_app.texts import reasons
from tests.runs_app import driving
from tests.runs_app.conftest import Home
from tests.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

WAITS = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.01)"


def test_a_run_waits_queued_for_another_portal_and_says_so(home: Home) -> None:
    run = driving.queue(home.experiment())
    theirs = hold(run.cwd, EXCLUSIVE)
    assert not driving.start(run)
    run.refresh_from_db()
    assert (run.status, run.reason_code) == (RunStatus.QUEUED, reasons.WAITS_FOR_PORTAL.code)
    os.close(theirs)
    assert driving.start(run)
    assert driving.end(run).status == RunStatus.SUCCEEDED


def test_runs_of_one_portal_that_may_overlap_do_not_wait_for_its_own_lock(home: Home) -> None:
    experiment = home.experiment(script=WAITS)
    first, second = driving.queue(experiment), driving.queue(experiment)
    Run.objects.filter(pk=second.pk).update(overlap=True)
    host = executor().place
    assert directories.lock_mode(first, host) == EXCLUSIVE
    assert driving.start(first)
    driving.reach(first, RunStatus.RUNNING)
    second.refresh_from_db()
    assert directories.lock_mode(second, host) == SHARED_LATER
    assert driving.start(second)
    driving.reach(second, RunStatus.RUNNING)
    Path(first.cwd, "go").touch()
    for run in (first, second):
        assert driving.end(run).status == RunStatus.SUCCEEDED


def test_an_overlapping_run_shares_its_directory_with_other_portals(home: Home) -> None:
    run = driving.queue(home.experiment(script=WAITS))
    Run.objects.filter(pk=run.pk).update(overlap=True)
    theirs = hold(run.cwd, SHARED)
    assert driving.start(run)
    wait_until(lambda: folder_of(run).started() is not None, what="the script starts")
    Path(run.cwd, "go").touch()
    assert driving.end(run).status == RunStatus.SUCCEEDED
    os.close(theirs)


def test_other_portals_are_kept_out_while_the_files_are_listed_before_the_start(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = driving.queue(home.experiment())
    held: list[bool] = []

    def take(directory: Path) -> Manifest:
        held.append(is_held(str(directory), SHARED))
        return snapshot.take(directory)

    monkeypatch.setattr(launch, "take", take)
    assert driving.start(run)
    assert driving.end(run).status == RunStatus.SUCCEEDED
    assert held == [True]


def test_other_portals_are_kept_out_until_the_files_are_copied(home: Home) -> None:
    run = driving.queue(home.experiment())
    assert driving.start(run)
    driving.reach(run, RunStatus.FINALIZING)
    assert is_held(run.cwd, SHARED)
    assert driving.end(run).status == RunStatus.SUCCEEDED
    assert not is_held(run.cwd, EXCLUSIVE)


def test_a_run_beside_the_collection_of_another_is_not_told_of_a_portal(home: Home) -> None:
    experiment = home.experiment()
    first, second = driving.queue(experiment), driving.queue(experiment)
    Run.objects.filter(pk=second.pk).update(overlap=True)
    assert driving.start(first)
    driving.reach(first, RunStatus.FINALIZING)
    assert driving.start(second)
    for run in (first, second):
        assert driving.end(run).status == RunStatus.SUCCEEDED


def test_what_another_portal_made_before_a_late_collection_is_not_of_this_run(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collect, "CLOCK_SLACK_NS", 0)
    run = driving.queue(home.experiment())
    assert driving.start(run)
    driving.reach(run, RunStatus.FINALIZING)
    with keeping_directory(folder_of(run)):  # a collector that was killed
        pass
    ended_ns = folder_of(run).recorded_at_ns()
    assert ended_ns is not None
    theirs = Path(run.cwd, "results.csv")

    def is_later() -> bool:
        theirs.write_text("epoch,metrics/mAP50(B)\n9,0.99\n")
        return theirs.stat().st_ctime_ns > ended_ns

    wait_until(is_later, what="the clock of the file system goes on")
    assert driving.end(run).status == RunStatus.SUCCEEDED
    assert not run.files.get(path="results.csv").kept
    assert run.files.get(path="best.pt").kept


def test_without_a_lock_the_clock_of_a_file_server_hides_no_file(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collect, "CLOCK_SLACK_NS", -(10**12))  # as if the server's were ahead
    monkeypatch.setattr(directories, "lock_mode", lambda run, host: SHARED_LATER)
    run = driving.run_to_end(home.experiment())
    assert run.status == RunStatus.SUCCEEDED
    assert run.files.get(path="best.pt").kept
