"""A user of scripts that cannot be reached is waited for; no script runs as the portal instead."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from runs_app.choices import RunStatus
from runs_app.executors.script_user import started_as
from runs_app.lifecycle import finish, reconcile
from runs_app.lifecycle.launch import start_next
from runs_app.runner.folder import RunFolder
from runs_app.runner.other_user import hang_up, script_home
from runs_app.texts import reasons
from tests.runs_app.conftest import Home
from tests.runs_app.driving import end, queue, reach, run_to_end, start

pytestmark = [pytest.mark.django_db, pytest.mark.processes]
ANONYMOUS = "no-such-user"


@pytest.fixture(autouse=True)
def no_connection_is_kept() -> Iterator[None]:
    hang_up()
    yield
    hang_up()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (ANONYMOUS, f"this machine has no user {ANONYMOUS}"),
        (getpass.getuser(), "is the portal's own user"),
    ],
)
def test_a_run_waits_and_says_for_whom(
    home: Home, settings: Settings, name: str, message: str
) -> None:
    settings.GUARDIANFLOW_RUN_AS = name
    run = queue(home.experiment(), force=True)
    assert not start(run)
    run.refresh_from_db()
    assert (run.status, run.reason_code) == (RunStatus.QUEUED, reasons.WAITS_FOR_USER.code)
    assert message in run.status_reason
    assert "Run `guardianflow doctor` there" in run.status_reason
    assert not run.folder.exists()


def test_a_worker_leaves_the_run_queued_until_the_user_is_there(
    home: Home, settings: Settings
) -> None:
    settings.GUARDIANFLOW_RUN_AS = ANONYMOUS
    run = queue(home.experiment(), force=True)
    assert start_next(settings.GUARDIANFLOW_HOST) == []
    run.refresh_from_db()
    assert run.reason_code == reasons.WAITS_FOR_USER.code
    settings.GUARDIANFLOW_RUN_AS = ""
    assert start_next(settings.GUARDIANFLOW_HOST) == [run.pk]
    assert end(run).status == RunStatus.SUCCEEDED


def test_results_wait_for_the_user_who_can_read_them(home: Home, settings: Settings) -> None:
    run = queue(home.experiment())
    assert start(run)
    reach(run, RunStatus.FINALIZING)
    spec_path = RunFolder(run.folder).spec_path
    spec = json.loads(spec_path.read_text())
    spec_path.write_text(json.dumps(spec | {"run_as": ANONYMOUS, "scratch_folder": "/nowhere"}))
    assert not finish.finish(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.FINALIZING
    spec_path.write_text(json.dumps(spec))
    reconcile.finish_ended(settings.GUARDIANFLOW_HOST)
    run.refresh_from_db()
    assert run.status == RunStatus.SUCCEEDED


def test_without_the_setting_nothing_of_a_start_changes(home: Home) -> None:
    run = run_to_end(home.experiment())
    spec = RunFolder(run.folder).spec()
    assert (spec.run_as, spec.scripts_socket, spec.scratch_folder, spec.inputs) == ("", "", "", ())
    assert started_as(spec, {"A": "b"}) == (spec, {"A": "b"})


def test_paths_of_the_users_home_are_those_of_the_scripts_user(settings: Settings) -> None:
    settings.GUARDIANFLOW_RUN_AS = "daemon"
    assert str(script_home()) == "/usr/sbin"
