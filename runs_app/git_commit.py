"""Reads which commit a directory stands at, from the files of its repository.

Git itself is never started: it would run filters and hooks of that repository.
"""

from __future__ import annotations

import re
from pathlib import Path

_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_MAX_BYTES = 2**20


def head_commit(directory: Path) -> str:
    """Return the commit that is checked out in the repository around `directory`, or ''."""
    for folder in (directory, *directory.parents):
        git = folder / ".git"
        if git.exists():
            return _head_of(git)
    return ""


def _head_of(git: Path) -> str:
    if git.is_file():  # a linked work tree or a submodule
        pointer = _read(git).removeprefix("gitdir:").strip()
        git = (git.parent / pointer).resolve()
    common = _read(git / "commondir").strip()
    shared = (git / common).resolve() if common else git
    head = _read(git / "HEAD").strip()
    if not head.startswith("ref:"):
        return _commit(head)
    reference = head.removeprefix("ref:").strip()
    if ".." in reference:
        return ""
    return (
        _commit(_read(git / reference))
        or _commit(_read(shared / reference))
        or _packed(_read(shared / "packed-refs"), reference)
    )


def _packed(text: str, reference: str) -> str:
    for line in text.splitlines():
        commit, _, name = line.partition(" ")
        if name == reference:
            return _commit(commit)
    return ""


def _commit(text: str) -> str:
    found = _COMMIT.fullmatch(text.strip())
    return found.group() if found else ""


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
