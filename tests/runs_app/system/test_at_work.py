"""Whether a process works is seen from outside."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from runs_app.system import at_work
from tests.waiting import LIMIT_S, wait_until

ANSWERS = "while line := input(): print(line, flush=True)"
HAS_A_CHILD = f"""\
import subprocess, sys
subprocess.run([sys.executable, "-c", {ANSWERS!r}])
"""


@pytest.fixture(params=[ANSWERS, HAS_A_CHILD], ids=["itself", "what it started"])
def process(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    """A process that answers, or whose child does, and waits for ever in between."""
    with subprocess.Popen(
        [sys.executable, "-c", request.param],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        ask(process)
        yield process
        at_work.kill(process.pid)


def ask(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("x\n")
    process.stdin.flush()
    assert process.stdout.readline() == "x\n"


def wait_for_its_wait(pid: int) -> None:
    """Wait until a process and what it started wait as well."""
    process = psutil.Process(pid)
    tree = [process, *process.children(recursive=True)]
    wait_until(
        lambda: all(member.status() == psutil.STATUS_SLEEPING for member in tree), what="it waits"
    )


def test_the_sign_changes_with_work_alone(process: subprocess.Popen[str]) -> None:
    wait_for_its_wait(process.pid)
    before = at_work.sign_of_work(process.pid)
    assert at_work.sign_of_work(process.pid) == before
    ask(process)
    assert at_work.sign_of_work(process.pid) != before


def test_what_it_started_is_killed_with_it(process: subprocess.Popen[str]) -> None:
    at_work.kill(process.pid)
    process.wait(LIMIT_S)
    assert process.stdout is not None
    assert process.stdout.read() == ""  # the other end is closed in all of them


def test_a_process_that_may_not_be_killed_protects_no_other(
    process: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a separate script user, a job has a child by `sudo`, which is root's."""
    children = psutil.Process(process.pid).children()
    real = os.kill

    def kill(pid: int, number: int) -> None:
        if pid == process.pid:
            raise PermissionError(errno.EPERM, "Operation not permitted")
        real(pid, number)

    with monkeypatch.context() as patched:
        patched.setattr(os, "kill", kill)
        at_work.kill(process.pid)
    _gone, alive = psutil.wait_procs(children, timeout=LIMIT_S)
    assert alive == []


def test_a_process_that_is_gone_has_no_start(process: subprocess.Popen[str]) -> None:
    assert at_work.start_ticks(process.pid)
    at_work.kill(process.pid)
    process.wait(LIMIT_S)
    assert at_work.start_ticks(process.pid) == 0
