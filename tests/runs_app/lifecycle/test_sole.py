"""One process of each kind works at a time, and one that hangs is replaced."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Collection, Iterator
from pathlib import Path

import psutil
import pytest
from pytest_django import Settings

from runs_app.lifecycle.sole import SoleProcess
from runs_app.system import at_work, commands, locks
from tests.waiting import LIMIT_S, wait_until

SENDER = SoleProcess(command="send_run")


@pytest.fixture
def started(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """What is started: processes that wait for a line and hold the lock until they end."""
    settings.GUARDIANFLOW_HOME = tmp_path
    processes: list[subprocess.Popen[bytes]] = []

    def start(_command: str, *_arguments: str, keep: Collection[int]) -> int:
        process = subprocess.Popen(
            ["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=keep
        )
        processes.append(process)
        answer(process)
        return process.pid

    monkeypatch.setattr(commands, "detach", start)
    yield processes
    for process in processes:
        process.kill()
        process.communicate()


def answer(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"x")
    process.stdin.flush()
    process.stdout.read(1)
    status = psutil.Process(process.pid).status
    wait_until(lambda: status() == psutil.STATUS_SLEEPING, what="it waits again")


def test_of_several_commands_at_once_a_single_one_starts_it(
    started: list[subprocess.Popen[bytes]],
) -> None:
    begins, works = threading.Barrier(5), []

    def command() -> None:
        begins.wait(LIMIT_S)
        works.append(SENDER.start())

    threads = [threading.Thread(target=command) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT_S)
    assert (len(started), works) == (1, [True] * 5)


def test_the_next_is_started_when_it_has_ended(started: list[subprocess.Popen[bytes]]) -> None:
    assert SENDER.start()
    assert SENDER.is_at_work()
    started[0].kill()
    started[0].wait()
    assert SENDER.start()
    assert len(started) == 2


def test_a_process_that_hangs_is_replaced(
    started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _command in range(3):
        assert SENDER.start()
    assert len(started) == 1
    monkeypatch.setattr(at_work, "HANGS_AFTER_S", 0)
    wait_until(lambda: SENDER.start() and len(started) > 1, what="another one is started")
    assert started[0].wait(LIMIT_S) < 0
    assert SENDER.is_at_work()


def test_a_process_that_does_something_is_none_that_hangs(
    started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(at_work, "HANGS_AFTER_S", 0)
    for _command in range(5):
        assert SENDER.start()
        answer(started[0])
    assert len(started) == 1


def test_one_that_the_kernel_holds_up_is_replaced_once(
    started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with locks.taken(SENDER.lock) as held_up:
        assert held_up is not None
        started.append(subprocess.Popen(["sleep", "600"], pass_fds=[held_up]))
        SENDER._note(started[0].pid)
        monkeypatch.setattr(at_work, "HANGS_AFTER_S", 0)
        # The test holds the lock as before.
        wait_until(lambda: SENDER.start() and len(started) > 1, what="another one is started")
        assert started[0].wait(LIMIT_S) < 0
        assert SENDER.is_at_work()


@pytest.mark.parametrize("note", ["", "{}", '{"pid": 1, "start_ticks": -1}', "[1]"])
def test_a_process_that_cannot_be_seen_is_left_alone(
    started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch, note: str
) -> None:
    monkeypatch.setattr(at_work, "HANGS_AFTER_S", 0)
    with locks.hold(SENDER.lock):
        SENDER.lock.write_text(note)
        assert SENDER.start()
        assert SENDER.start()
    assert started == []


def test_the_process_lets_go_of_the_lock_that_it_was_handed(
    started: list[subprocess.Popen[bytes]],
) -> None:
    with locks.taken(SENDER.lock) as taken:
        assert taken is not None
        handed = os.dup(taken)
    with SENDER.at_work(handed) as ours:
        assert (ours, SENDER.is_at_work()) == (True, True)
    assert not SENDER.is_at_work()


def test_a_process_that_was_handed_nothing_takes_the_lock(
    started: list[subprocess.Popen[bytes]],
) -> None:
    with SENDER.at_work(None) as ours:
        assert (ours, SENDER.is_at_work()) == (True, True)
        with SENDER.at_work(None) as second:
            assert not second
    assert not SENDER.is_at_work()
