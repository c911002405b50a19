"""Conda environments: which one a directory's file names, and where it is on this machine."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from registry_app.files.interpreters import CONDA_BASE, CONDA_NAME, conda_homes

ENVIRONMENT_FILE = re.compile(
    r"(?:[\w-]+[_.-])?(?:environment|conda|env)(?:[_.-][\w.-]*)?\.ya?ml", re.IGNORECASE
)
MAX_BYTES = 2**18
_DEPENDENCIES = re.compile(r"^dependencies\s*:", re.MULTILINE)
_NAMED = re.compile(
    r"""^(?P<key>name|prefix)\s*:[ \t]*(?P<quote>["']?)(?P<value>[^"'#\n]*?)(?P=quote)"""
    r"""[ \t\r]*(?:\#.*)?$""",
    re.MULTILINE,
)


@dataclass(frozen=True, kw_only=True)
class NamedEnvironment:
    """The conda environment that a file describes; `line` is that of its name."""

    name: str
    path: str
    line: int

    @property
    def source(self) -> str:
        return f"{self.path}:{self.line}"


def named_environment(path: str, text: str) -> NamedEnvironment | None:
    """Return the environment that a conda file describes; None for any other file.

    Without a name, the last part of its `prefix` is the name.
    """
    if not _DEPENDENCIES.search(text):
        return None
    found = {hit["key"]: hit for hit in reversed(list(_NAMED.finditer(text))) if hit["value"]}
    named = found.get("name") or found.get("prefix")
    if named is None:
        return None
    name = re.split(r"[\\/]", named["value"].rstrip("\\/ \r"))[-1].strip()
    if not CONDA_NAME.fullmatch(name) or not name.strip("."):
        return None
    return NamedEnvironment(name=name, path=path, line=text.count("\n", 0, named.start()) + 1)


def environment_at_top(directory: Path) -> NamedEnvironment | None:
    """Return the environment that a file at the top of a directory names, `environment.yml` first.

    Reads no other files and no subfolders; an unreadable file is skipped.
    """
    try:
        names = [entry for entry in os.listdir(directory) if ENVIRONMENT_FILE.fullmatch(entry)]
    except OSError:
        return None
    for name in sorted(names, key=rank):
        try:
            with (directory / name).open("rb") as file:
                text = file.read(MAX_BYTES).decode("utf-8-sig", "replace")
        except OSError:
            continue
        if found := named_environment(name, text):
            return found
    return None


def rank(path: str) -> tuple[bool, int, str]:
    """Return a sort key for environment files: the usual name first, then the plainest."""
    name = os.path.basename(path).lower()
    return (name.rpartition(".")[0] != "environment", len(name), path)


def conda_python(name: str, home: Path) -> Path | None:
    """Return the Python of a conda environment of the user at `home`, None if there is none."""
    for environment in _environments(name, home):
        python = environment / "bin" / "python"
        if os.path.isfile(python):  # an unreadable home has none
            return python
    return None


def prefix_of(interpreter: Path) -> Path | None:
    """Return the conda environment that a Python belongs to, None for any other Python."""
    if interpreter.parent.name != "bin":
        return None
    prefix = interpreter.parent.parent
    return prefix if os.path.isdir(prefix / "conda-meta") else None


def _environments(name: str, home: Path) -> Iterator[Path]:
    for base in conda_homes(home):
        yield base if name == CONDA_BASE else base / "envs" / name
    try:
        listed = (home / ".conda" / "environments.txt").read_text(encoding="utf-8")
    except OSError:
        return
    for line in listed.splitlines():
        if Path(line).name == name:
            yield Path(line)
