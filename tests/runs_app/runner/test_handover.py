"""The directory of an ended run stays locked until its files are collected."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from runs_app.runner.folder import RunFolder
from runs_app.runner.guards import directory_lock
from runs_app.runner.guards.directory_lock import BEGINS, EXCLUSIVE, SHARED, SHARES, hold, is_held
from runs_app.runner.handover import keep_on, keeping_directory
from runs_app.runner.supervisor import start_ticks
from tests.runs_app.runner.scripts import is_alive, run_to_its_end, wait_for, watched_by

pytestmark = pytest.mark.processes

LEAVES_A_KEEPER = """\
import sys
from runs_app.runner.guards import directory_lock
from runs_app.runner.guards.directory_lock import EXCLUSIVE, hold, leave_keeper
directory_lock.SHARE_S = 0.2
print(leave_keeper(hold(sys.argv[1], EXCLUSIVE), float(sys.argv[2])))
"""


def ended(tmp_path: Path, **spec: object) -> tuple[RunFolder, str]:
    directory = str(tmp_path / "experiment")
    spec = {"directory": directory, "directory_lock": EXCLUSIVE, "keep_lock_s": 600.0, **spec}
    folder, _ = run_to_its_end(tmp_path, "open('best.pt', 'w').close()", **spec)
    return folder, directory


def test_the_lock_goes_from_the_supervisor_to_the_collector_without_a_gap(tmp_path: Path) -> None:
    folder, directory = ended(tmp_path)
    assert is_held(directory, EXCLUSIVE)
    with keeping_directory(folder) as is_locked:
        assert is_locked()
        assert is_held(directory, EXCLUSIVE)
    assert not is_held(directory, EXCLUSIVE)


def test_a_keeper_that_dies_meanwhile_is_noticed(tmp_path: Path) -> None:
    folder, _ = ended(tmp_path)
    record = folder.exit_record()
    assert record is not None
    with keeping_directory(folder) as is_locked:
        assert is_locked()
        os.kill(record.lock_keeper, signal.SIGKILL)
        wait_for(lambda: not is_locked() or None)


def test_a_second_collector_finds_no_lock(tmp_path: Path) -> None:
    folder, _ = ended(tmp_path)
    with keeping_directory(folder):
        pass
    with keeping_directory(folder) as is_locked:
        assert not is_locked()


def test_the_lock_goes_with_a_failed_collection(tmp_path: Path) -> None:
    folder, directory = ended(tmp_path)
    with pytest.raises(OSError, match="no space"), keeping_directory(folder):
        raise OSError("no space")
    assert not is_held(directory, EXCLUSIVE)


def test_a_run_without_a_lock_leaves_none(tmp_path: Path) -> None:
    folder, directory = ended(tmp_path, directory_lock="")
    with keeping_directory(folder) as is_locked:
        assert not is_locked()
    assert not is_held(directory, EXCLUSIVE)


def test_a_script_cannot_have_another_process_taken_for_the_keeper(tmp_path: Path) -> None:
    folder, _ = ended(tmp_path)
    other = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    true = json.loads((folder.path / "exit.json").read_bytes())
    record = true | {"lock_keeper": other.pid, "lock_keeper_start_ticks": start_ticks(other.pid)}
    (folder.path / "exit.json").write_text(json.dumps(record))
    with keeping_directory(folder) as is_locked:
        assert not is_locked()
    assert other.poll() is None
    other.kill()
    other.wait()
    (folder.path / "exit.json").write_text(json.dumps(true))
    with keeping_directory(folder):
        pass


def test_a_folder_by_another_name_has_the_same_keeper(tmp_path: Path) -> None:
    folder, directory = ended(tmp_path)
    (tmp_path / "elsewhere").symlink_to(folder.path.parent)
    with keeping_directory(RunFolder(tmp_path / "elsewhere" / folder.path.name)) as is_locked:
        assert is_locked()
    assert not is_held(directory, EXCLUSIVE)


def test_a_stopped_keeper_does_not_keep_the_directory(tmp_path: Path) -> None:
    folder, directory = ended(tmp_path)
    record = folder.exit_record()
    assert record is not None
    os.kill(record.lock_keeper, signal.SIGSTOP)
    with keeping_directory(folder) as is_locked:
        assert is_locked()
    assert not is_held(directory, EXCLUSIVE)


def test_another_run_of_the_portal_gets_the_lock_before_other_portals(tmp_path: Path) -> None:
    folder, directory = ended(tmp_path)
    with keeping_directory(folder, is_shared=lambda: True):
        pass
    theirs = wait_for(lambda: shared(directory))
    assert is_held(directory, EXCLUSIVE)
    os.close(theirs)
    record = folder.exit_record()
    assert record is not None
    os.kill(record.lock_keeper, signal.SIGKILL)


def shared(directory: str) -> int | None:
    try:
        return hold(directory, SHARED)
    except BlockingIOError:
        return None


def keeper_left(directory: Path, keep_s: float) -> int:
    """Leave a keeper that shares the lock only shortly, and return its pid."""
    argv = [sys.executable, "-c", LEAVES_A_KEEPER, str(directory), str(keep_s)]
    return int(subprocess.run(argv, check=True, capture_output=True).stdout)


def test_a_keeper_ends_where_no_collector_comes(tmp_path: Path) -> None:
    keeper = keeper_left(tmp_path, 0.2)
    wait_for(lambda: not is_alive(keeper) or None)
    assert not is_held(str(tmp_path), EXCLUSIVE)


def test_a_keeper_that_shared_the_lock_ends_although_a_worker_still_asks_for_it(
    tmp_path: Path,
) -> None:
    keeper = keeper_left(tmp_path, 600.0)
    os.kill(keeper, SHARES)

    def has_ended() -> bool:
        with suppress(ProcessLookupError):
            os.kill(keeper, BEGINS)
        return not is_alive(keeper)

    wait_for(lambda: has_ended() or None)
    assert not is_held(str(tmp_path), EXCLUSIVE)


def test_a_keeper_watches_the_collector_and_a_worker(tmp_path: Path) -> None:
    folder, _ = ended(tmp_path)
    record = folder.exit_record()
    assert record is not None
    keeper = record.lock_keeper
    asks = f"import os, signal; os.kill({keeper}, signal.SIGUSR1); signal.pause()"
    collector = subprocess.Popen([sys.executable, "-c", asks])
    wait_for(lambda: collector.pid in watched_by(keeper) or None)
    keep_on(folder)
    wait_for(lambda: {os.getpid(), collector.pid} <= watched_by(keeper) or None)
    collector.kill()
    collector.wait()
    wait_for(lambda: collector.pid not in watched_by(keeper) or None)
    assert os.getpid() in watched_by(keeper)
    with keeping_directory(folder) as is_locked:
        assert is_locked()


@pytest.mark.parametrize("is_waited_for", [True, False])
def test_a_collector_that_nobody_waits_for_counts_as_ended(is_waited_for: bool) -> None:
    """In some containers ended processes stay listed for ever."""
    collector = subprocess.Popen(["sleep", "600"])
    descriptor = directory_lock._opened_process(collector.pid)
    assert directory_lock._is_alive(descriptor)
    collector.kill()
    if is_waited_for:
        collector.wait()
    wait_for(lambda: not directory_lock._is_alive(descriptor) or None)
    collector.wait()
    assert descriptor is not None
    os.close(descriptor)
