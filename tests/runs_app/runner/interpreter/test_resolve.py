"""Which Python starts a script."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from runs_app.runner.exceptions import BrokenEnvironmentError, InterpreterError
from runs_app.runner.interpreter.resolve import resolve_interpreter

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


def make_broken(folder: Path, how: str) -> None:
    """An environment as it is after its Python was removed, or copied from another machine."""
    (folder / "bin").mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text("home = /nowhere/python3.8/bin\nversion = 3.8.1\n")
    if how == "python gone":
        (folder / "bin/python").symlink_to("python3")
        (folder / "bin/python3").symlink_to("/nowhere/python3.8/bin/python3")
    elif how == "windows":
        (folder / "Scripts").mkdir()
        (folder / "Scripts/python.exe").write_bytes(b"MZ")
    elif how == "windows home":
        (folder / "pyvenv.cfg").write_bytes(b"home = C:\\Python38\r\nversion = 3.8.1\r\n")
    elif how == "conda":
        (folder / "pyvenv.cfg").unlink()
        (folder / "conda-meta").mkdir()
    elif how == "folder gone":
        shutil.rmtree(folder)
        folder.symlink_to("/nowhere/envs/ppe")


@pytest.mark.parametrize(
    ("how", "reported"),
    [
        ("python gone", r"leads to /nowhere/python3.8/bin/python3, which is not on this machine"),
        ("folder gone", r"leads to /nowhere/envs/ppe, which is not"),
        ("windows", "was made on Windows"),
        ("windows home", "was made on Windows"),
        ("conda", "bin/python is missing"),
        ("emptied", "bin/python is missing"),
    ],
)
@pytest.mark.parametrize("configured", ["", ".venv", ".venv/bin/python"])
def test_a_broken_environment_is_refused_and_another_python_offered(
    tmp_path: Path, how: str, reported: str, configured: str
) -> None:
    make_broken(tmp_path / ".venv", how)
    with pytest.raises(BrokenEnvironmentError, match=f"{reported}.*`portal` is the portal's own"):
        resolve_interpreter(tmp_path, configured=configured, fallback=str(PYTHON))
    assert resolve_interpreter(tmp_path, configured="portal", fallback=str(PYTHON)) == PYTHON


def test_a_working_environment_goes_before_a_broken_one(tmp_path: Path) -> None:
    make_broken(tmp_path / ".venv", "windows")
    python = make_environment(tmp_path / "venv")
    assert resolve_interpreter(tmp_path, configured="", fallback=str(PYTHON)) == python


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


def test_the_home_of_an_unknown_user_is_named(tmp_path: Path) -> None:
    with pytest.raises(InterpreterError, match="write the whole path"):
        resolve_interpreter(tmp_path, configured="~nobody-of-sampyo/bin/python", fallback="x")
