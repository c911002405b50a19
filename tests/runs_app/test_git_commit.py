"""The commit of a directory, read without starting git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from runs_app.git_commit import head_commit


def git(directory: Path, *argv: str) -> str:
    identity = ["-c", "user.name=Minsu", "-c", "user.email=minsu@example.com"]
    done = subprocess.run(
        ["git", *identity, *argv], cwd=directory, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "train.py").write_text("print(1)")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    return tmp_path


def test_the_commit_that_is_checked_out(repository: Path) -> None:
    assert head_commit(repository) == git(repository, "rev-parse", "HEAD")


def test_a_folder_inside_the_repository(repository: Path) -> None:
    (repository / "sub").mkdir()
    assert head_commit(repository / "sub") == git(repository, "rev-parse", "HEAD")


def test_a_commit_without_a_branch(repository: Path) -> None:
    git(repository, "checkout", "-q", "--detach")
    assert head_commit(repository) == git(repository, "rev-parse", "HEAD")


def test_packed_references(repository: Path) -> None:
    git(repository, "pack-refs", "--all")
    assert head_commit(repository) == git(repository, "rev-parse", "HEAD")


def test_a_linked_work_tree(repository: Path, tmp_path: Path) -> None:
    linked = tmp_path.parent / f"{tmp_path.name}-linked"
    git(repository, "worktree", "add", "-q", "-b", "other", str(linked))
    assert head_commit(linked) == git(linked, "rev-parse", "HEAD")


def test_no_commit_yet(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    assert head_commit(tmp_path) == ""


@pytest.mark.parametrize(
    "head", ["ref: ../../../etc/passwd", "ref: refs/heads/none", "rubbish", ""]
)
def test_a_head_that_makes_no_sense(tmp_path: Path, head: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/HEAD").write_text(head)
    assert head_commit(tmp_path) == ""
