"""A program that ends with its parent."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.processes import command_of, is_alive
from tests.waiting import wait_until

pytestmark = pytest.mark.processes

PROJECT = Path(__file__).parents[3]
TETHERED = "portal.serving.tethered"
# Not a Python: the request must outlive the change of program.
PROGRAM = ("/bin/sleep", "600")
PARENT = """\
import os, subprocess, sys, time
argv = [sys.executable, "-m", "portal.serving.tethered", str(os.getpid()), *sys.argv[1:]]
print(subprocess.Popen(argv, start_new_session=True).pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def parent() -> Iterator[subprocess.Popen[str]]:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, *PROGRAM], stdout=subprocess.PIPE, text=True, cwd=PROJECT
    )
    yield parent
    parent.kill()
    parent.communicate()


def child_of(parent: subprocess.Popen[str]) -> psutil.Process:
    """Wait until the program has taken the place of the interpreter."""
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    wait_until(lambda: command_of(child) == list(PROGRAM), what="the program runs")
    return child


def test_a_program_ends_when_its_parent_is_killed(parent: subprocess.Popen[str]) -> None:
    child = child_of(parent)
    assert is_alive(child)
    parent.kill()
    wait_until(lambda: not is_alive(child), what="the program ends")


def test_a_program_whose_parent_is_dead_already_is_not_started(tmp_path: Path) -> None:
    mark = tmp_path / "started"
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    done = subprocess.run(
        [sys.executable, "-m", TETHERED, str(gone.pid), "/usr/bin/touch", str(mark)],
        cwd=PROJECT,
        check=False,
    )
    assert done.returncode == 1
    assert not mark.exists()


def test_a_program_keeps_its_exit_status() -> None:
    done = subprocess.run(
        [sys.executable, "-m", TETHERED, str(os.getpid()), "/bin/sh", "-c", "exit 7"],
        cwd=PROJECT,
        check=False,
    )
    assert done.returncode == 7
