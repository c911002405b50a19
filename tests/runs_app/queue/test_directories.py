"""A directory that a run of another portal uses is waited for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runs_app.choices import RunStatus
from runs_app.executors.base import folder_of
from runs_app.executors.chosen import executor
from runs_app.models import Run
from runs_app.queue import directories
from runs_app.runner.guards.directory_lock import EXCLUSIVE, SHARED, hold
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
    assert directories.lock_mode(second, host) == ""
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
