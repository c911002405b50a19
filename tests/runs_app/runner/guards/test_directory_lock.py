"""Runs of two portals never use one directory at the same time."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from runs_app.runner import process
from runs_app.runner.folder import Observation, boot_id
from runs_app.runner.guards import directory_lock
from runs_app.runner.guards.directory_lock import (
    BEGINS,
    EXCLUSIVE,
    SHARED,
    SHARED_LATER,
    hold,
    is_held,
)
from runs_app.runner.handover import keeping_directory
from runs_app.runner.process import SUPERVISOR, ask_to_stop
from tests.runs_app.runner.scripts import is_alive, prepare, run_to_its_end, spawn, wait_for
from tests.waiting import LIMIT_S, wait_until

WAITS = (
    "import os, time\nprint('ready', flush=True)\nwhile not os.path.exists('go'): time.sleep(0.01)"
)
LEAVES_A_DAEMON = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
"""
# Leaves a keeper for a second by a clock that each look at it advances, and waits, as a supervisor
# does while its disk refuses the exit record.
WAITS_FOR_ITS_DISK = """
import sys
sys.path.insert(0, sys.argv[1])
from guards import directory_lock
looks = 0
def clock():
    global looks
    looks += 1
    with open(sys.argv[3], "a") as file:
        file.write(".")
    return looks * 0.6
directory_lock.time.monotonic = clock
directory_lock.KEEPER_LOOK_S = 0.01
descriptor = directory_lock.hold(sys.argv[2], "exclusive")
keeper = directory_lock.leave_keeper(descriptor, 1.0)
directory_lock.os.close(descriptor)
print(keeper, flush=True)
sys.stdin.read()
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


def test_a_holder_sees_whether_it_shares_the_lock(tmp_path: Path) -> None:
    first = hold(str(tmp_path), SHARED)
    assert not directory_lock.is_shared(first)
    second = hold(str(tmp_path), SHARED)
    assert directory_lock.is_shared(first)
    os.close(second)
    assert not directory_lock.is_shared(first)
    os.close(first)


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


@pytest.mark.processes
def test_the_lock_is_kept_for_as_long_as_a_supervisor_waits_for_its_disk(tmp_path: Path) -> None:
    directory, looks = tmp_path / "experiment", tmp_path / "looks"
    directory.mkdir()
    words = (str(SUPERVISOR.parent), str(directory), str(looks))
    with subprocess.Popen(
        [sys.executable, "-c", WAITS_FOR_ITS_DISK, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as supervisor:
        assert supervisor.stdout is not None
        keeper = int(supervisor.stdout.readline())
        wait_until(
            lambda: len(looks.read_text()) > 40 or not is_alive(keeper), what="the keeper looks"
        )
        assert is_alive(keeper)
        assert is_held(str(directory), EXCLUSIVE)
        supervisor.kill()
        supervisor.wait(LIMIT_S)
        wait_until(lambda: not is_held(str(directory), EXCLUSIVE), what="the keeper ends")


def test_a_collector_that_comes_at_the_last_moment_finds_the_keeper(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moments_s = iter([0.0, 10.0, 10.0, 20.0])

    def clock() -> float:
        now_s = next(moments_s)
        if now_s == 10.0 and BEGINS not in came:
            came.append(BEGINS)
            signal.pthread_kill(threading.get_ident(), BEGINS)
        return now_s

    came: list[signal.Signals] = []
    monkeypatch.setattr(directory_lock, "time", SimpleNamespace(monotonic=clock))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {BEGINS})
    try:
        directory_lock._keep(-1, None, 1.0)
        unanswered = signal.sigtimedwait({BEGINS}, 0)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    assert came == [BEGINS]
    assert unanswered is None


@pytest.mark.processes
def test_the_end_is_announced_when_it_can_be_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The keeper that was forked from the supervisor has the lock of the folder open at first."""
    slow_keeper = "supervisor.directory_lock._close_all_but = lambda *kept: None; "
    start = process.START.replace("supervisor.main()", f"{slow_keeper}supervisor.main()")
    monkeypatch.setattr(process, "START", start)
    address = tmp_path / "worker.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(address))
        listener.settimeout(LIMIT_S)
        folder = prepare(
            tmp_path,
            "",
            directory=str(tmp_path / "experiment"),
            directory_lock=EXCLUSIVE,
            keep_lock_s=LIMIT_S,
            notify_socket=str(address),
        )
        spawn(folder)
        listener.recv(100)
    assert folder.observe(boot_id=boot_id()) is Observation.ENDED
    with keeping_directory(folder) as is_locked:
        assert is_locked()
