"""The directory of an ended run stays locked until its files are collected."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from runs_app.runner.folder import RunFolder
from runs_app.runner.guards import directory_lock
from runs_app.runner.guards.directory_lock import EXCLUSIVE, hold, is_held, leave_keeper
from runs_app.runner.handover import keeping_directory
from runs_app.runner.supervisor import start_ticks
from tests.runs_app.runner.scripts import is_alive, run_to_its_end, wait_for

pytestmark = pytest.mark.processes

# A collector that begins and does not end.
COLLECTOR = "import os, signal; os.kill(int(input()), signal.SIGUSR1); signal.pause()"


def ended(tmp_path: Path, **spec: object) -> tuple[RunFolder, str]:
    directory = str(tmp_path / "experiment")
    spec = {"directory": directory, "directory_lock": EXCLUSIVE, "keep_lock_s": 600.0, **spec}
    folder, _ = run_to_its_end(tmp_path, "open('best.pt', 'w').close()", **spec)
    return folder, directory


def test_the_lock_goes_from_the_supervisor_to_the_collector_without_a_gap(tmp_path: Path) -> None:
    folder, directory = ended(tmp_path)
    assert is_held(directory, EXCLUSIVE)
    with keeping_directory(folder) as was_locked:
        assert was_locked
        assert is_held(directory, EXCLUSIVE)
    assert not is_held(directory, EXCLUSIVE)


def test_a_second_collector_finds_no_lock(tmp_path: Path) -> None:
    folder, _ = ended(tmp_path)
    with keeping_directory(folder):
        pass
    with keeping_directory(folder) as was_locked:
        assert not was_locked


def test_the_lock_goes_with_a_failed_collection(tmp_path: Path) -> None:
    folder, directory = ended(tmp_path)
    with pytest.raises(OSError, match="no space"), keeping_directory(folder):
        raise OSError("no space")
    assert not is_held(directory, EXCLUSIVE)


def test_a_run_without_a_lock_leaves_none(tmp_path: Path) -> None:
    folder, directory = ended(tmp_path, directory_lock="")
    with keeping_directory(folder) as was_locked:
        assert not was_locked
    assert not is_held(directory, EXCLUSIVE)


def test_a_script_cannot_have_another_process_taken_for_the_keeper(tmp_path: Path) -> None:
    folder, _ = ended(tmp_path)
    other = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    record = json.loads((folder.path / "exit.json").read_bytes())
    record |= {"lock_keeper": other.pid, "lock_keeper_start_ticks": start_ticks(other.pid)}
    (folder.path / "exit.json").write_text(json.dumps(record))
    with keeping_directory(folder) as was_locked:
        assert not was_locked
    assert other.poll() is None
    other.kill()
    other.wait()


def test_a_keeper_ends_where_no_collector_comes(tmp_path: Path) -> None:
    keeper = left(tmp_path, keep_s=0.2)
    wait_for(lambda: not is_alive(keeper) or None)
    os.waitpid(keeper, 0)
    assert not is_held(str(tmp_path), EXCLUSIVE)


def test_a_keeper_outlasts_its_time_while_its_collector_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory_lock, "KEEPER_LOOK_S", 0.02)
    collector = subprocess.Popen([sys.executable, "-c", COLLECTOR], stdin=subprocess.PIPE)
    assert collector.stdin is not None
    keeper = left(tmp_path, keep_s=5.0)
    collector.stdin.write(b"%d\n" % keeper)
    collector.stdin.flush()
    began = time.monotonic()
    wait_for(lambda: time.monotonic() > began + 6 or None)
    assert is_alive(keeper)
    collector.kill()
    collector.communicate()
    wait_for(lambda: not is_alive(keeper) or None)
    os.waitpid(keeper, 0)


def left(directory: Path, *, keep_s: float) -> int:
    """Return the pid of a keeper of a directory, which alone holds the lock."""
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    descriptor = hold(str(directory), EXCLUSIVE)
    keeper = leave_keeper(descriptor, keep_s)
    os.close(descriptor)
    signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    return keeper
