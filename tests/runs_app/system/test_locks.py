"""Locks that vanish with their holder."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from runs_app.runner.own_file import is_held
from runs_app.system import locks

HOLDER = """\
import sys
from pathlib import Path
from runs_app.system import locks
with locks.hold(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_lock_has_one_holder(tmp_path: Path) -> None:
    path = tmp_path / "one.lock"
    with locks.hold(path) as first, locks.hold(path) as second:
        assert (first, second) == (True, False)
    with locks.hold(path) as later:
        assert later


def test_a_lock_goes_with_a_holder_that_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "one.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with locks.hold(path) as ours:
            assert not ours
        holder.kill()
        with locks.hold(path, wait=True) as ours:
            assert ours


def test_a_lock_needs_its_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), locks.hold(tmp_path / "missing" / "one.lock"):
        pass


def test_those_who_ask_do_not_take_each_other_for_the_holder(tmp_path: Path) -> None:
    path = tmp_path / "worker.lock"
    assert not is_held(path)
    assert not path.exists()
    path.touch()
    with path.open("rb") as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)  # as another one that asks at this moment
        assert not is_held(path)
    with locks.hold(path):
        assert is_held(path)


def test_several_tries_outlast_those_who_ask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "worker.lock"
    path.touch()
    with path.open("rb") as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)
        with locks.hold(path) as ours:
            assert not ours
        monkeypatch.setattr(time, "sleep", lambda _s: fcntl.flock(asking, fcntl.LOCK_UN))
        with locks.hold(path, tries=2) as ours:
            assert ours


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("/etc")])
def test_what_a_script_put_in_place_of_a_lock_file_is_held_by_nobody(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "send.lock")
    assert not is_held(tmp_path / "send.lock")
