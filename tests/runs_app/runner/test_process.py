"""Supervisors that do not start, and what one that died has left."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runs_app.runner.exceptions import LaunchError
from runs_app.runner.folder import RunFolder
from runs_app.runner.process import (
    end_leftovers,
    own_cgroups,
    spawn_supervisor,
    wait_for_supervisor,
)
from tests.runs_app.runner.scripts import is_alive, prepare, spawn, wait_for
from tests.waiting import LIMIT_S


def test_a_folder_that_cannot_be_written_is_no_start(tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match="could not be started"):
        spawn_supervisor(RunFolder(tmp_path / "missing"), {})


@pytest.mark.processes
def test_what_a_dead_supervisor_left_is_found_by_the_runs_id(tmp_path: Path) -> None:
    folder = prepare(
        tmp_path,
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'],"
        " start_new_session=True)\nopen('child', 'w').write(str(child.pid) + '.')\nchild.wait()",
    )
    spawn(folder)
    path = tmp_path / "experiment/child"

    def written() -> str:
        text = path.read_text() if path.exists() else ""
        return text.removesuffix(".") if text.endswith(".") else ""

    child = int(wait_for(written))
    started = wait_for(folder.started)
    os.kill(started.pid, 9)
    wait_for(lambda: not is_alive(started.script_pid))
    assert is_alive(child)
    assert end_leftovers(folder, folder.spec().run) == 1
    wait_for(lambda: not is_alive(child))


@pytest.mark.processes
def test_where_there_is_a_control_group_even_a_cleared_environment_hides_nothing(
    tmp_path: Path,
) -> None:
    if not own_cgroups():
        pytest.skip("no control group can be made here (cgroup v2, writable)")
    folder = prepare(
        tmp_path,
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'],"
        " start_new_session=True, env={})\nprint(child.pid, flush=True)\nchild.wait()",
    )
    spawn(folder)
    child = int(wait_for(lambda: folder.stdout.read_text() if folder.stdout.exists() else ""))
    started = wait_for(folder.started)
    os.kill(started.pid, 9)
    wait_for(lambda: not is_alive(started.script_pid))
    assert is_alive(child)
    assert end_leftovers(folder, folder.spec().run) == 1
    wait_for(lambda: not is_alive(child))
    assert not Path(started.cgroup).exists()


@pytest.mark.processes
def test_the_end_of_a_supervisor_is_waited_for(tmp_path: Path) -> None:
    folder = prepare(tmp_path, "import os, time\nwhile not os.path.exists('end'): time.sleep(0.01)")
    spawn(folder)
    wait_for(folder.started)
    assert not wait_for_supervisor(folder, 0.01)
    (tmp_path / "experiment/end").touch()
    assert wait_for_supervisor(folder, LIMIT_S)
    assert folder.exit_record() is not None


def test_without_a_supervisor_there_is_nothing_to_notice(tmp_path: Path) -> None:
    assert not wait_for_supervisor(RunFolder(tmp_path), 0.01)
