"""Read the state of a directory's repository from the files of `.git`.

Git itself is never started: it would run filters and hooks of that repository.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_SECTION = re.compile(r'\[\s*remote\s+"(.*)"\s*\]')
_URL = re.compile(r"url\s*=\s*(.*)")
_SHORT_FORM = re.compile(r"(?:[^@/]+@)?([\w.-]+:(?!//).+)")
_BRANCH = "refs/heads/"
_MAX_BYTES = 2**20
LONGEST = 300


@dataclass(frozen=True, kw_only=True)
class GitState:
    """Branch ('' where none is checked out), commit ('' before the first), remote without
    credentials; `is_around`: the repository begins above the directory.
    """

    branch: str = ""
    commit: str = ""
    remote: str = ""
    is_around: bool = False


def git_state(directory: Path) -> GitState | None:
    """Return the state of the repository around a directory, None if there is none."""
    git = _repository(directory)
    if git is None:
        return None
    shared = _shared(git)
    head = _read(git / "HEAD").strip()
    reference = head.removeprefix("ref:").strip() if head.startswith("ref:") else ""
    return GitState(
        branch=reference.removeprefix(_BRANCH)[:LONGEST] if _is_branch(reference) else "",
        commit=_head_of(git),
        remote=_remote(_read(shared / "config"))[:LONGEST],
        is_around=not os.path.lexists(directory / ".git"),
    )


def head_commit(directory: Path) -> str:
    """Return the commit that is checked out in the repository around `directory`, or ''."""
    git = _repository(directory)
    return _head_of(git) if git is not None else ""


def _repository(directory: Path) -> Path | None:
    for folder in (directory, *directory.parents):
        git = folder / ".git"
        if git.is_file():  # a linked work tree or a submodule
            pointer = _read(git).removeprefix("gitdir:").strip()
            return (git.parent / pointer).resolve()
        if git.exists():
            return git
    return None


def _shared(git: Path) -> Path:
    """Return the common folder that a linked work tree shares with the others."""
    common = _read(git / "commondir").strip()
    return (git / common).resolve() if common else git


def _head_of(git: Path) -> str:
    shared = _shared(git)
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


def _is_branch(reference: str) -> bool:
    return reference.startswith(_BRANCH) and reference.isprintable()


def _packed(text: str, reference: str) -> str:
    for line in text.splitlines():
        commit, _, name = line.partition(" ")
        if name == reference:
            return _commit(commit)
    return ""


def _commit(text: str) -> str:
    found = _COMMIT.fullmatch(text.strip())
    return found.group() if found else ""


def _remote(config: str) -> str:
    """Return the URL of `origin`, else of the first remote, without credentials."""
    found: dict[str, str] = {}
    section = None
    for line in map(str.strip, config.splitlines()):
        if line.startswith("["):
            named = _SECTION.match(line)
            section = named[1] if named else None
        elif section is not None and (url := _URL.match(line)):
            found.setdefault(section, url[1].strip().strip('"'))
    written = found.get("origin") or next(iter(found.values()), "")
    return without_credentials(written)


def without_credentials(address: str) -> str:
    """Return the URL of a repository without user, password and query; '' if it is malformed."""
    if not address.isprintable():
        return ""
    short = _SHORT_FORM.fullmatch(address)
    if short:  # git@host:team/project.git
        return short[1]
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    if not parts.scheme:
        return address  # a folder
    return urlunsplit((parts.scheme, f"{parts.hostname or ''}{port}", parts.path, "", ""))


def _read(path: Path) -> str:
    """Return a small file as text, '' for anything else, such as a pipe."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except (OSError, ValueError):
        return ""
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ""
        try:
            return file.read(_MAX_BYTES).decode("utf-8", "replace")
        except OSError:
            return ""
