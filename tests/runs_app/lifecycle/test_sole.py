"""One process of each kind works at a time."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from runs_app.lifecycle.sole import SoleProcess
from runs_app.system import commands, locks
from tests.waiting import LIMIT_S

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
