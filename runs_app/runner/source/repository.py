"""Finds the git folders of the repository around a directory, using only its files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_MAX_BYTES = 2**16


@dataclass(frozen=True, kw_only=True)
class Repository:
    """`git_dir` has the index, `common_dir` objects and configuration; often they are the same."""

    work_tree: Path
    git_dir: Path
    common_dir: Path


def find_repository(directory: Path) -> Repository | None:
    """Return the repository whose work tree is or contains `directory`."""
    for folder in (directory, *directory.parents):
        git = folder / ".git"
        if git.is_file():  # a linked work tree or a submodule
            git = (folder / _read(git).removeprefix("gitdir:").strip()).resolve()
        if (git / "HEAD").is_file():
            common = _read(git / "commondir").strip()
            return Repository(
                work_tree=folder,
                git_dir=git,
                common_dir=(git / common).resolve() if common else git,
            )
    return None


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_BYTES).decode("utf-8", "surrogateescape")
    except OSError:
        return ""
