"""Which program starts a script, and in what environment."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from runs_app.runner.exceptions import InterpreterError, LaunchError
from runs_app.runner.folder import RunFolder
from runs_app.runner.process import (
    end_leftovers,
    own_cgroups,
    resolve_interpreter,
    script_environment,
    spawn_supervisor,
)
from tests.runs_app.runner.scripts import is_alive, prepare, spawn, wait_for

PYTHON = Path("/opt/portal/bin/python")


def make_environment(directory: Path) -> Path:
    python = directory / "bin/python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    return python


@pytest.mark.parametrize("name", [".venv", "venv", "env"])
def test_a_directory_with_an_environment_uses_it_without_following_its_link(
    tmp_path: Path, name: str
) -> None:
    python = make_environment(tmp_path / name)
    assert resolve_interpreter(tmp_path, configured="", fallback=str(PYTHON)) == python


def test_a_directory_without_one_uses_the_fallback(tmp_path: Path) -> None:
    (tmp_path / "env").mkdir()  # a folder of settings, say
    assert resolve_interpreter(tmp_path, configured="", fallback=str(PYTHON)) == PYTHON


def test_an_environment_that_cannot_be_read_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to("a" * 300)
    with pytest.raises(InterpreterError, match=r"\.venv/bin/python cannot be read: File name"):
        resolve_interpreter(tmp_path, configured="", fallback=str(PYTHON))


def test_a_configured_interpreter_of_an_impossible_name_is_only_not_there(tmp_path: Path) -> None:
    found = resolve_interpreter(tmp_path, configured="a" * 300, fallback="x")
    assert found == tmp_path / ("a" * 300)


def test_a_configured_interpreter_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    make_environment(tmp_path / "exp/.venv")
    other = make_environment(tmp_path / "exp/py39")
    base = make_environment(tmp_path / "miniconda3")
    conda = make_environment(tmp_path / "miniconda3/envs/yolo")
    listed = make_environment(tmp_path / "disk/conda/old")
    (tmp_path / ".conda").mkdir()
    (tmp_path / ".conda/environments.txt").write_text(f"{tmp_path}/disk/conda/old\n")
    for configured, expected in [
        ("py39/bin/python", other),
        ("py39", other),
        (str(other), other),
        ("~/exp/py39/bin/python", other),
        ("conda:base", base),
        ("conda:yolo", conda),
        ("conda:old", listed),
    ]:
        found = resolve_interpreter(tmp_path / "exp", configured=configured, fallback="x")
        assert found == expected, configured


def test_a_conda_environment_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(InterpreterError, match="no conda environment yolo"):
        resolve_interpreter(tmp_path, configured="conda:yolo", fallback="x")


def test_the_home_of_somebody_unknown_is_named(tmp_path: Path) -> None:
    with pytest.raises(InterpreterError, match="write the whole path"):
        resolve_interpreter(tmp_path, configured="~nobody-of-sampyo/bin/python", fallback="x")


def test_a_script_gets_none_of_what_is_the_portals(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    withheld = {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "GUARDIANFLOW_HOME": "/srv/portal",
        "DATABASE_URL": "postgres://u:secret@db/portal",
        "SECRET_KEY": "secret",
        "VIRTUAL_ENV": "/opt/portal",
        "PYTHONPATH": "/opt/portal",
        "PYTHONHOME": "/opt/portal",
        "MLFLOW_TRACKING_PASSWORD": "secret",
        "MLFLOW_TRACKING_URI": "http://mlflow",
    }
    own = {
        "PATH": "/usr/bin",
        "PWD": "/srv/portal",
        "LANG": "ko_KR.UTF-8",
        "CUDA_HOME": "/usr/local/cuda",
    }
    environment = script_environment(
        {**withheld, **own},
        interpreter=Path("/exp/.venv/bin/python"),
        cwd=Path("/exp"),
        run_id="4711",
        folder=folder,
        context_tags={"guardianflow.parent_run": "4711"},
    )
    assert json.loads(environment.pop("MLFLOW_RUN_CONTEXT")) == {"guardianflow.parent_run": "4711"}
    assert environment == {
        "LANG": "ko_KR.UTF-8",
        "CUDA_HOME": "/usr/local/cuda",
        "PATH": "/exp/.venv/bin:/usr/bin",
        "PWD": "/exp",
        "PYTHONUNBUFFERED": "1",
        "GUARDIANFLOW_RUN_ID": "4711",
        "MLFLOW_TRACKING_URI": f"file://{tmp_path}/scratch/mlruns",
        "MLFLOW_ALLOW_FILE_STORE": "true",
    }


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
