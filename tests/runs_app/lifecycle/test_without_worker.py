"""What lists and pages show of an active run is true, also while no worker is there."""

from __future__ import annotations

import os
import signal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from runs_app.choices import RunStatus
from runs_app.executors.base import folder_of
from runs_app.lifecycle import without_worker
from runs_app.models import Run
from runs_app.queue import hosts
from runs_app.system import locks
from tests.runs_app import driving
from tests.runs_app.conftest import Home
from tests.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

WAITS = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.01)\nraise SystemExit(3)"


@pytest.fixture
def running(home: Home) -> Run:
    run = driving.queue(home.experiment(script=WAITS))
    assert driving.start(run)
    return driving.reach(run, RunStatus.RUNNING)


def end_script(run: Run) -> None:
    Path(run.cwd, "go").touch()
    wait_until(lambda: folder_of(run).exit_record() is not None, what="the script ends")


@pytest.mark.parametrize("command", ["list_runs", "show_run", "list_experiments"])
def test_a_command_shows_that_the_script_has_ended(running: Run, command: str) -> None:
    end_script(running)
    out = StringIO()
    call_command(command, *([str(running.pk)] if command == "show_run" else []), stdout=out)
    assert "finalizing" in out.getvalue()
    running.refresh_from_db()
    assert (running.status, running.exit_code) == (RunStatus.FINALIZING, 3)


def test_a_run_whose_supervisor_was_killed_is_not_shown_as_running(running: Run) -> None:
    started = folder_of(running).started()
    assert started is not None
    os.kill(started.pid, signal.SIGKILL)
    wait_until(lambda: not folder_of(running).is_locked(), what="the supervisor is dead")
    without_worker.look()
    running.refresh_from_db()
    assert (running.status, running.outcome) == (RunStatus.FINALIZING, RunStatus.LOST)


def test_a_log_that_is_followed_ends_with_a_killed_supervisor(running: Run) -> None:
    started = folder_of(running).started()
    assert started is not None
    os.kill(started.pid, signal.SIGKILL)
    call_command("run_logs", str(running.pk), "--follow", stdout=StringIO())
    running.refresh_from_db()
    assert running.outcome == RunStatus.LOST


PAGES = ("", "runs_app/run/", "runs_app/run/{pk}/change/", "runs_app/run/states/?id={pk}")


@pytest.mark.parametrize("address", PAGES)
def test_a_page_shows_it_too(admin_client: Client, running: Run, address: str) -> None:
    end_script(running)
    admin_client.get(f"/admin/{address.format(pk=running.pk)}")
    running.refresh_from_db()
    assert running.status == RunStatus.FINALIZING


def test_the_work_of_a_worker_is_left_to_it(running: Run) -> None:
    end_script(running)
    with locks.hold(hosts.worker_lock()):
        without_worker.look()
    running.refresh_from_db()
    assert running.status == RunStatus.RUNNING
    driving.end(running)
