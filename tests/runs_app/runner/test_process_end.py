"""The end of another process is noticed when it comes, with and without help from the kernel."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from runs_app.runner.process_end import is_readable, open_process, wait_for_child
from tests.waiting import LIMIT_S


@pytest.fixture(params=["descriptor", "no descriptor"])
def kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that reports ends, and an old one."""

    def refuse(pid: int) -> int:
        raise OSError("no such call")

    if request.param == "no descriptor":
        monkeypatch.setattr(os, "pidfd_open", refuse)


def child(code: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-I", "-S", "-c", code], stdin=subprocess.PIPE)


@pytest.mark.usefixtures("kernel")
def test_a_child_that_ends_gives_its_status() -> None:
    with child("raise SystemExit(7)") as program:
        assert wait_for_child(program, LIMIT_S) == 7


@pytest.mark.usefixtures("kernel")
def test_a_child_that_does_not_end_in_time_goes_on() -> None:
    with child("input()") as program:
        with pytest.raises(subprocess.TimeoutExpired):
            wait_for_child(program, 0.01)
        assert program.poll() is None
        program.kill()


def test_the_descriptor_of_a_process_is_readable_from_its_end_on() -> None:
    with child("input()") as program:
        descriptor = open_process(program.pid)
        if descriptor is None:
            pytest.skip("this kernel has no descriptors of processes")
        try:
            assert not is_readable(descriptor, 0)
            program.kill()
            assert is_readable(descriptor, LIMIT_S)
        finally:
            os.close(descriptor)


def test_a_process_that_is_gone_has_none() -> None:
    with child("") as program:
        program.wait()
        assert open_process(program.pid) is None
