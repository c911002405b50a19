"""Python environments that lie in a directory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from registry_app.files.environment_folders import EnvironmentFolder, environment_folders


def test_environments_are_known_by_their_marks_usual_names_first(tmp_path: Path) -> None:
    (tmp_path / "aaa/conda-meta").mkdir(parents=True)
    (tmp_path / "aaa/conda-meta/python-3.9.18-h955ad1f_0.json").write_text("{}")
    (tmp_path / "env").mkdir()  # settings
    (tmp_path / "src").mkdir()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    version = ".".join(map(str, sys.version_info[:3]))
    assert environment_folders(tmp_path) == (
        EnvironmentFolder(path="venv", kind="venv", python_version=version, has_python=True),
        EnvironmentFolder(path="aaa", kind="conda", python_version="3.9.18"),
    )


def test_one_that_was_copied_from_elsewhere_has_no_python(tmp_path: Path) -> None:
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/pyvenv.cfg").write_text("home = /gone\nversion_info = 3.8.10.final.0\n")
    (tmp_path / ".venv/bin/python").symlink_to("/gone/python3")
    assert environment_folders(tmp_path) == (
        EnvironmentFolder(path=".venv", kind="venv", python_version="3.8.10"),
    )


def test_a_directory_that_is_gone_has_none(tmp_path: Path) -> None:
    assert environment_folders(tmp_path / "gone") == ()
