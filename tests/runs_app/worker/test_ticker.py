"""The background jobs of a ticker: of each kind one process, and one that hangs is replaced."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Iterator

import psutil
import pytest

from runs_app.lifecycle.reconcile import BackgroundJob
from runs_app.system import at_work, commands
from runs_app.worker import ticker
from runs_app.worker.ticker import BackgroundJobs
from tests.waiting import LIMIT_S, wait_until


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen[bytes]]]:
    """What is started: processes that answer, and wait in between."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(_command: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        processes.append(process)
        answer(process)
        return process

    monkeypatch.setattr(commands, "start", start)
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


def test_a_job_that_has_ended_is_started_again(started: list[subprocess.Popen[bytes]]) -> None:
    jobs = BackgroundJobs()
    jobs.start(BackgroundJob.FINISH)
    jobs.start(BackgroundJob.FINISH)
    assert len(started) == 1
    started[0].kill()
    started[0].wait(LIMIT_S)
    jobs.start(BackgroundJob.FINISH)
    assert len(started) == 2


def test_a_job_that_hangs_is_replaced(
    started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = BackgroundJobs()
    for _tick in range(3):
        jobs.start(BackgroundJob.FINISH)
    assert len(started) == 1
    monkeypatch.setattr(at_work, "HANGS_AFTER_S", 0)

    def is_replaced() -> bool:
        jobs.start(BackgroundJob.FINISH)
        return len(started) > 1

    wait_until(is_replaced, what="another process is started")
    assert started[0].wait(LIMIT_S) < 0


def test_beside_a_killed_process_that_the_kernel_holds_up_a_job_is_started_rarely(
    started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """That one has its locks still, so what is started in its place ends at once."""
    jobs = BackgroundJobs()
    jobs.start(BackgroundJob.FINISH)
    with monkeypatch.context() as patched:
        patched.setattr(at_work, "HANGS_AFTER_S", 0)
        patched.setattr(at_work, "kill", lambda _pid: None)

        def is_replaced() -> bool:
            jobs.start(BackgroundJob.FINISH)
            return len(started) > 1

        wait_until(is_replaced, what="another process is started")

    def starts_again() -> bool:
        end(started[-1])
        before = len(started)
        for _tick in range(3):
            jobs.start(BackgroundJob.FINISH)
        return len(started) > before

    monkeypatch.setattr(ticker, "HELD_UP_EVERY_S", math.inf)
    assert not starts_again()
    monkeypatch.setattr(ticker, "HELD_UP_EVERY_S", 0)
    assert starts_again()
    monkeypatch.setattr(ticker, "HELD_UP_EVERY_S", math.inf)
    end(started[0])
    assert starts_again()


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait(LIMIT_S)


def test_a_job_that_does_something_is_none_that_hangs(
    started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(at_work, "HANGS_AFTER_S", 0)
    jobs = BackgroundJobs()
    for _tick in range(5):
        jobs.start(BackgroundJob.FINISH)
        answer(started[0])
    assert len(started) == 1
