"""Programs are asked whether they are a Python; nothing of their environment is loaded for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from runs_app.runner.interpreter.python_check import why_no_python
from tests.waiting import wait_until


def program(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_a_python_answers() -> None:
    assert why_no_python(Path(sys.executable), fence={}) is None


@pytest.mark.parametrize("name", ["find", "sh", "env", "echo", "cat", "true"])
def test_other_programs_do_not(name: str) -> None:
    [path] = [item for item in (Path("/usr/bin") / name, Path("/bin") / name) if item.exists()][:1]
    assert "not the answer" in str(why_no_python(path, fence={}))


@pytest.mark.parametrize("text", ['echo "$@"', "exit 3", "yes | head -c 100000"])
def test_neither_does_what_only_looks_like_one(tmp_path: Path, text: str) -> None:
    assert "not the answer" in str(why_no_python(program(tmp_path / "python", text), fence={}))


def test_one_that_says_nothing_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    slow = program(
        tmp_path / "python", f"sleep 1000 & echo $! > {pid}.new; mv {pid}.new {pid}; wait"
    )
    for timeout_s in (1, 4, 16, 64):  # until the machine was fast enough to let it begin
        assert "no answer within" in str(why_no_python(slow, fence={}, timeout_s=timeout_s))
        if pid.exists():
            break
    wait_until(lambda: _has_ended(pid.read_text().strip()), what="the end of the sleeper")


def _has_ended(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in {"Z", "X"}
    except OSError:
        return True


def test_one_that_cannot_be_started_says_why(tmp_path: Path) -> None:
    assert str(why_no_python(tmp_path / "python", fence={})) == "No such file or directory"


def test_what_an_environment_runs_at_every_start_is_not_run(tmp_path: Path) -> None:
    environment = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    [packages] = environment.glob("lib/python*/site-packages")
    (packages / "evil.pth").write_text(f"import pathlib; pathlib.Path('{tmp_path}/ran').touch()\n")
    assert why_no_python(environment / "bin" / "python", fence={}) is None
    assert not (tmp_path / "ran").exists()
