"""Finds the Python environments that lie in a directory, by their marks; nothing of them is run."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

# What a script of the directory is started with, in this order.
USUAL_NAMES = (".venv", "venv", "env")
_VERSION = re.compile(r"^\s*version(?:_info)?\s*=\s*([\d.]+)", re.MULTILINE)
_CONDA_PYTHON = re.compile(r"python-(\d+\.\d+(?:\.\d+)?)-.*\.json")
MAX_BYTES = 2**16
AT_MOST = 20


@dataclass(frozen=True, kw_only=True)
class EnvironmentFolder:
    """An environment at the top of a directory; `has_python`: its interpreter is there."""

    path: str
    kind: str
    python_version: str = ""
    has_python: bool = False


def environment_folders(directory: Path) -> tuple[EnvironmentFolder, ...]:
    """Return the environments at the top of a directory, those under the usual names first."""
    try:
        with os.scandir(directory) as entries:
            names = [entry.name for entry in entries if entry.is_dir()]
    except OSError:
        return ()
    found = [one for name in names if name.isprintable() and (one := _read(directory, name))]
    return tuple(sorted(found, key=_order)[:AT_MOST])


def _order(one: EnvironmentFolder) -> tuple[int, str]:
    usual = one.path in USUAL_NAMES
    return (USUAL_NAMES.index(one.path) if usual else len(USUAL_NAMES), one.path)


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
            versions = [_CONDA_PYTHON.fullmatch(one) for one in os.listdir(folder / "conda-meta")]
            version = next((one for one in versions if one), None)
            return EnvironmentFolder(
                path=name,
                kind="conda",
                python_version=version[1] if version else "",
                has_python=has_python,
            )
    except OSError:
        return None
    return None
