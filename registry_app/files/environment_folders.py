"""Find the Python environments in a directory, by their marker files; nothing is executed."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

# The usual names of environments: the first that exists starts the scripts of the directory.
USUAL_NAMES = (".venv", "venv", "env")
_VERSION = re.compile(r"^[ \t]*version(?:_info)?\s*=\s*([\d.]+)", re.MULTILINE)
_CONDA_PYTHON = re.compile(r"python-(\d+\.\d+(?:\.\d+)?)-.*\.json")
_WINDOWS_HOME = re.compile(rb"^[ \t]*home\s*=\s*(?:[A-Za-z]:[\\/]|\\\\)", re.MULTILINE)
MAX_BYTES = 2**16
AT_MOST = 20


class Trouble(StrEnum):
    """Why an environment has no usable Python here."""

    DANGLING = "dangling"
    FOREIGN = "foreign"
    EMPTY = "empty"


@dataclass(frozen=True, kw_only=True)
class EnvironmentFolder:
    """An environment at the top of a directory; `has_python`: its interpreter exists."""

    path: str
    kind: str
    python_version: str = ""
    has_python: bool = False


def environment_folders(directory: Path) -> tuple[EnvironmentFolder, ...]:
    """Return the environments at the top of a directory, those with the usual names first."""
    try:
        with os.scandir(directory) as entries:
            names = [entry.name for entry in entries if entry.is_dir()]
    except OSError:
        return ()
    found = [
        environment
        for name in names
        if name.isprintable() and (environment := _read(directory, name))
    ]
    return tuple(sorted(found, key=_order)[:AT_MOST])


def trouble_of(folder: Path) -> Trouble | None:
    """Return what is wrong with an environment whose Python is missing.

    None for a folder that is not an environment or does not exist.
    """
    python = folder / "bin" / "python"
    if any(os.path.islink(path) and not os.path.exists(path) for path in (folder, python)):
        return Trouble.DANGLING
    if os.path.isfile(folder / "Scripts" / "python.exe") or _is_of_windows(folder):
        return Trouble.FOREIGN
    is_one = os.path.isfile(folder / "pyvenv.cfg") or os.path.isdir(folder / "conda-meta")
    return Trouble.EMPTY if is_one else None


def _is_of_windows(folder: Path) -> bool:
    try:
        with (folder / "pyvenv.cfg").open("rb") as file:
            return _WINDOWS_HOME.search(file.read(MAX_BYTES)) is not None
    except OSError:
        return False


def _order(environment: EnvironmentFolder) -> tuple[int, str]:
    usual = environment.path in USUAL_NAMES
    return (USUAL_NAMES.index(environment.path) if usual else len(USUAL_NAMES), environment.path)


def _read(directory: Path, name: str) -> EnvironmentFolder | None:
    folder = directory / name
    try:
        has_python = os.access(folder / "bin" / "python", os.X_OK)
        if (folder / "pyvenv.cfg").is_file():
            with (folder / "pyvenv.cfg").open("rb") as file:
                text = file.read(MAX_BYTES).decode("utf-8", "replace")
            version = _VERSION.search(text)
            return EnvironmentFolder(
                path=name,
                kind="venv",
                python_version=version[1].strip(".") if version else "",
                has_python=has_python,
            )
        if (folder / "conda-meta").is_dir():
            versions = [
                _CONDA_PYTHON.fullmatch(entry) for entry in os.listdir(folder / "conda-meta")
            ]
            version = next((version for version in versions if version), None)
            return EnvironmentFolder(
                path=name,
                kind="conda",
                python_version=version[1] if version else "",
                has_python=has_python,
            )
    except OSError:
        return None
    return None
