"""Supervisors that do not start, and what one that died has left."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runs_app.runner.exceptions import LaunchError
from runs_app.runner.folder import RunFolder
from runs_app.runner.process import end_leftovers, own_cgroups, spawn_supervisor
from tests.runs_app.runner.scripts import is_alive, prepare, spawn, wait_for


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
