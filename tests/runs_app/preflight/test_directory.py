"""What must hold before a script may run, and the fix if it does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runs_app.exceptions import DirectoryRefusedError, RefusedError, ScriptRefusedError
from runs_app.preflight.directory import usable_directory, usable_interpreter, usable_script
from tests.factories import make_experiment
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db

# Root may read anything, but even for root this is an OSError and not a missing file.
TOO_LONG = "a" * 300


def test_directory_of_a_root_is_usable(home: Home) -> None:
    experiment = home.experiment("entec+ppe 한글")
    assert usable_directory(experiment) == home.roots / "entec+ppe 한글"


def test_missing_directory_is_refused_with_its_path(home: Home) -> None:
    experiment = make_experiment("gone", path=str(home.roots / "gone"))
    with pytest.raises(DirectoryRefusedError, match="experiments/gone of gone does not exist"):
        usable_directory(experiment)


def test_file_in_the_place_of_the_directory_is_refused(home: Home) -> None:
    (home.roots / "file").write_text("", encoding="utf-8")
    with pytest.raises(DirectoryRefusedError):
        usable_directory(make_experiment("file", path=str(home.roots / "file")))


def test_directory_outside_the_roots_is_refused(home: Home, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    experiment = make_experiment("elsewhere", path=str(tmp_path / "elsewhere"))
    with pytest.raises(DirectoryRefusedError):
        usable_directory(experiment)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_directory_that_may_not_be_read_is_refused(home: Home) -> None:
    experiment = home.experiment("closed")
    directory = Path(experiment.path)
    directory.chmod(0)
    try:
        with pytest.raises(DirectoryRefusedError, match="is not readable"):
            usable_directory(experiment)
    finally:
        directory.chmod(0o700)


def test_directory_that_cannot_be_looked_at_is_refused(home: Home) -> None:
    experiment = make_experiment("deep", path=str(home.roots / TOO_LONG))
    with pytest.raises(DirectoryRefusedError, match="longer than a file system allows"):
        usable_directory(experiment)


@pytest.mark.parametrize("script", [TOO_LONG, "link.py"])
def test_script_that_cannot_be_looked_at_is_refused(home: Home, script: str) -> None:
    directory = Path(home.experiment().path)
    (directory / "link.py").symlink_to(TOO_LONG)
    with pytest.raises(ScriptRefusedError, match="cannot be read: File name too long"):
        usable_script(directory, script, known=[])


def test_interpreter_that_cannot_be_looked_at_is_refused(home: Home) -> None:
    with pytest.raises(RefusedError, match="does not exist or is not executable"):
        usable_interpreter(home.roots / TOO_LONG)


@pytest.mark.parametrize("script", ["train.py", "./train.py"])
def test_script_of_the_directory_is_usable(home: Home, script: str) -> None:
    directory = Path(home.experiment().path)
    assert (directory / usable_script(directory, script, known=[])).samefile(directory / "train.py")


@pytest.mark.parametrize(
    "script", ["../other.py", "sub/../train.py", "/etc/passwd", "link.py", "", "a\0b"]
)
def test_script_outside_the_directory_is_refused(home: Home, script: str) -> None:
    directory = Path(home.experiment().path)
    outside = home.path.parent / "other.py"
    outside.write_text("", encoding="utf-8")
    (directory / "link.py").symlink_to(outside)
    with pytest.raises(ScriptRefusedError):
        usable_script(directory, script, known=[])


@pytest.mark.parametrize(
    ("script", "known", "hint"),
    [
        ("trian.py", ["train.py", "infer.py"], "Did you mean train.py"),
        ("zzz", ["b.py", "a.py"], "Did you mean a.py, b.py"),
        ("zzz", [], "Scan the directory again"),
    ],
)
def test_missing_script_is_refused_with_the_nearest(
    home: Home, script: str, known: list[str], hint: str
) -> None:
    with pytest.raises(ScriptRefusedError, match=hint):
        usable_script(Path(home.experiment().path), script, known=known)


def test_interpreter_must_be_a_program(tmp_path: Path) -> None:
    program = tmp_path / "python"
    for make in (lambda: None, lambda: program.write_text("", encoding="utf-8")):
        make()
        with pytest.raises(RefusedError, match="Repair the environment"):
            usable_interpreter(program)
    program.chmod(0o700)
    usable_interpreter(program)
    with pytest.raises(RefusedError):
        usable_interpreter(tmp_path)
