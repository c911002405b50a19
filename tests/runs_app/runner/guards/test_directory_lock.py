"""Runs of two portals never use one directory at the same time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runs_app.runner.guards.directory_lock import EXCLUSIVE, SHARED, SHARED_LATER, hold, is_held
from runs_app.runner.handover import keeping_directory
from runs_app.runner.process import ask_to_stop
from tests.runs_app.runner.scripts import prepare, run_to_its_end, spawn, wait_for

WAITS = (
    "import os, time\nprint('ready', flush=True)\nwhile not os.path.exists('go'): time.sleep(0.01)"
)
LEAVES_A_DAEMON = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
"""


@pytest.mark.parametrize(
    ("first", "second", "waits"),
    [
        (EXCLUSIVE, EXCLUSIVE, True),
        (EXCLUSIVE, SHARED, True),
        (SHARED, EXCLUSIVE, True),
        (SHARED, SHARED, False),
    ],
)
def test_who_waits_for_whom(tmp_path: Path, first: str, second: str, waits: bool) -> None:
    descriptor = hold(str(tmp_path), first)
    assert is_held(str(tmp_path), second) is waits
    os.close(descriptor)
    assert not is_held(str(tmp_path), second)
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_locked_nothing_is_held() -> None:
    assert not is_held("/nowhere/donghwa-entec-ppe", EXCLUSIVE)


@pytest.mark.processes
def test_the_second_run_of_a_directory_starts_after_the_first(tmp_path: Path) -> None:
    experiment = tmp_path / "experiment"
    lock = {"directory": str(experiment), "directory_lock": EXCLUSIVE, "keep_lock_s": 600.0}
    first, second = (prepare(tmp_path, WAITS, **lock) for _ in range(2))
    spawn(first)
    wait_for(lambda: (first.stdout.exists() and first.stdout.read_bytes()) or None)
    spawn(second)
    wait_for(lambda: b"another portal" in second.supervisor_log.read_bytes() or None)
    assert second.started() is None
    (experiment / "go").touch()
    one = wait_for(first.exit_record)
    with keeping_directory(first):
        assert second.started() is None
    two = wait_for(second.exit_record)
    with keeping_directory(second):
        pass
    assert (one.why, two.why) == ("exited", "exited")
    assert two.started_at is not None
    assert two.started_at >= one.finished_at


@pytest.mark.processes
def test_a_run_that_waits_can_be_cancelled(tmp_path: Path) -> None:
    folder = prepare(tmp_path, "", directory=str(tmp_path / "experiment"), directory_lock=EXCLUSIVE)
    descriptor = hold(str(tmp_path / "experiment"), SHARED)
    spawn(folder)
    wait_for(lambda: b"another portal" in folder.supervisor_log.read_bytes() or None)
    ask_to_stop(folder)
    assert wait_for(folder.exit_record).why == "cancelled"
    os.close(descriptor)


@pytest.mark.processes
def test_what_a_script_leaves_behind_does_not_hold_its_directory(tmp_path: Path) -> None:
    directory = str(tmp_path / "experiment")
    folder, record = run_to_its_end(
        tmp_path,
        LEAVES_A_DAEMON,
        directory=directory,
        directory_lock=EXCLUSIVE,
        background=True,
    )
    assert record.background
    with keeping_directory(folder):
        pass
    assert not is_held(directory, EXCLUSIVE)


@pytest.mark.processes
def test_a_script_starts_where_its_directory_cannot_be_locked(tmp_path: Path) -> None:
    folder, record = run_to_its_end(
        tmp_path, "", directory="/nowhere/else", directory_lock=EXCLUSIVE
    )
    assert record.exit_code == 0
    started = folder.started()
    assert started is not None
    assert "No such file" in started.directory_refused


@pytest.mark.processes
def test_a_run_takes_the_lock_as_soon_as_that_of_its_own_portal_is_gone(tmp_path: Path) -> None:
    directory = str(tmp_path / "experiment")
    folder = prepare(tmp_path, WAITS, directory=directory, directory_lock=SHARED_LATER)
    descriptor = hold(directory, EXCLUSIVE)
    spawn(folder)
    wait_for(lambda: (folder.stdout.exists() and folder.stdout.read_bytes()) or None)
    os.close(descriptor)
    wait_for(lambda: is_held(directory, EXCLUSIVE) or None)
    assert not is_held(directory, SHARED)
    (tmp_path / "experiment" / "go").touch()
    assert wait_for(folder.exit_record).exit_code == 0
    with keeping_directory(folder):
        pass
