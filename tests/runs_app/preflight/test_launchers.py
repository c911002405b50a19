"""Warnings about launchers and pointers before a start."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from runs_app.preflight.launchers import check

PYTHON = Path(sys.executable)
POINTER = (
    "version https://git-lfs.github.com/spec/v1\n"
    "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
)


def codes(directory: Path, text: str, name: str = "run.sh") -> list[str]:
    (directory / name).write_bytes(text.encode())
    return [item.code for item in check(directory, name, PYTHON)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("#!/bin/bash\r\npython train.py\r\n", "crlf_launcher"),
        ("nohup python train.py &\n", "in_background"),
        ("conda activate no-such-env-here\npython train.py\n", "no_environment"),
        ("source ./no-venv/bin/activate\npython train.py\n", "no_environment"),
        ("/opt/no/such/bin/python3 train.py\n", "other_python"),
    ],
)
def test_what_would_go_wrong_is_reported_before(tmp_path: Path, text: str, code: str) -> None:
    assert codes(tmp_path, text) == [code]


@pytest.mark.parametrize(
    "text",
    [
        "#!/bin/bash\nset -e\npython train.py\n",
        'source "$VENV/bin/activate"\npython train.py\n',
        f"{sys.executable} train.py\n",
        "#!/usr/bin/env python3\nprint('no & shell')\n",
    ],
)
def test_an_ordinary_launcher_is_left_alone(tmp_path: Path, text: str) -> None:
    assert codes(tmp_path, text) == []


def environment(directory: Path, *, made_in: Path | None = None, python: Path = PYTHON) -> Path:
    """A virtual environment in `directory/venv`; its Python is a link, as in a real one."""
    folder = directory / "venv"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/python").symlink_to(python)
    (folder / "bin/activate").write_text(f'VIRTUAL_ENV="{made_in or folder}"\nexport VIRTUAL_ENV\n')
    return folder


ACTIVATES = "cd $(dirname $0)\nsource venv/bin/activate\npython train.py\n"


def test_an_environment_that_the_run_uses_as_well_is_left_alone(tmp_path: Path) -> None:
    python = environment(tmp_path) / "bin/python"
    (tmp_path / "run.sh").write_text(ACTIVATES)
    assert check(tmp_path, "run.sh", python) == []


@pytest.mark.parametrize(
    ("made_in", "python", "code"),
    [
        (None, PYTHON, "other_environment"),
        (None, Path("/no/such/python3"), "environment_broken"),
        (Path("/home/earlier/ppe/venv"), PYTHON, "environment_broken"),  # moved or copied
        (Path("C:/ppe/venv"), PYTHON, "environment_broken"),
    ],
)
def test_an_environment_of_another_python_is_reported(
    tmp_path: Path, made_in: Path | None, python: Path, code: str
) -> None:
    environment(tmp_path, made_in=made_in, python=python)
    assert codes(tmp_path, ACTIVATES) == [code]


def test_an_environment_beside_the_launcher_is_found(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    environment(tmp_path / "scripts")
    assert codes(tmp_path, ACTIVATES, "scripts/run.sh") == ["other_environment"]


def test_an_environment_of_windows_has_no_python_here(tmp_path: Path) -> None:
    (tmp_path / "venv/Scripts").mkdir(parents=True)
    (tmp_path / "venv/Scripts/activate").write_text('VIRTUAL_ENV="C:\\\\ppe\\\\venv"\n')
    assert codes(tmp_path, "source venv/Scripts/activate\n") == ["environment_broken"]


def test_pointers_are_reported_for_every_script(tmp_path: Path) -> None:
    (tmp_path / "best.pt").write_text(POINTER)
    assert codes(tmp_path, "print()\n", "train.py") == ["lfs_pointers"]
