"""The kernel kills a script that takes more memory than it may."""

from __future__ import annotations

import os
import signal

import pytest

from runs_app.choices import RunStatus
from runs_app.executors.base import folder_of
from runs_app.models import Run
from tests.faults.memory import kills, limited
from tests.faults.stage import STEPS, Stage

pytestmark = [pytest.mark.processes, pytest.mark.faults]

# Takes memory without end once it is told to.
GREEDY = """\
import os, time
print("first 시작", flush=True)
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.02)
held = []
while True:
    held.append(b"x" * 2**20)
"""
# The loader's worker is killed, the training itself only notices.
WITH_WORKER = """\
import multiprocessing, os, time
def load():
    while not os.path.exists(os.environ["GO"]):
        time.sleep(0.02)
    held = []
    while True:
        held.append(b"x" * 2**20)
if __name__ == "__main__":
    worker = multiprocessing.get_context("fork").Process(target=load)
    worker.start()
    print("first 시작", flush=True)
    worker.join()
    raise RuntimeError(f"DataLoader worker (pid {worker.pid}) is killed by signal: Killed. ")
"""


def ended_for_memory(stage: Stage, script: str) -> Run:
    run = stage.start(stage.queue(script=script))
    started = folder_of(run).started()
    assert started is not None
    with limited(started.script_pid, started.cgroup):
        stage.go.touch()
        return stage.end(run)


def test_a_script_that_the_kernel_kills_was_killed_for_memory(stage: Stage) -> None:
    before = kills()
    run = ended_for_memory(stage, GREEDY)
    assert (run.status, run.exit_code) == (RunStatus.FAILED, 137)
    assert run.cause["code"] == "killed_for_memory"
    assert kills() > before


def test_so_was_the_worker_of_a_loader(stage: Stage) -> None:
    run = ended_for_memory(stage, WITH_WORKER)
    assert run.status == RunStatus.FAILED
    assert run.cause["code"] == "killed_for_memory"
    assert "DataLoader worker" in run.cause["line"]


def test_a_script_that_is_killed_otherwise_was_not(stage: Stage) -> None:
    run = stage.start(stage.queue(script=STEPS))
    started, before = folder_of(run).started(), kills()
    assert started is not None
    os.kill(started.script_pid, signal.SIGKILL)
    run = stage.end(run)
    if kills() != before:
        pytest.skip("another process of this machine was killed for memory meanwhile")
    assert (run.exit_code, run.cause["code"]) == (137, "killed")
