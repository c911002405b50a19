"""The commit of a directory, read without starting git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from registry_app.files.git_state import GitState, git_state, head_commit, without_credentials


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


def test_branch_commit_and_remote(repository: Path) -> None:
    git(repository, "remote", "add", "backup", "/mnt/backup/ppe.git")
    git(repository, "remote", "add", "origin", "https://kim:secret@git.example.com:8443/a/ppe.git")
    state = git_state(repository)
    assert state == GitState(
        branch="main",
        commit=git(repository, "rev-parse", "HEAD"),
        remote="https://git.example.com:8443/a/ppe.git",
    )


def test_a_linked_work_tree_shares_the_remote(repository: Path, tmp_path: Path) -> None:
    git(repository, "remote", "add", "origin", "git@git.example.com:a/ppe.git")
    linked = tmp_path.parent / f"{tmp_path.name}-tree"
    git(repository, "worktree", "add", "-q", "-b", "night/shift", str(linked))
    state = git_state(linked)
    assert state is not None
    assert (state.branch, state.remote) == ("night/shift", "git.example.com:a/ppe.git")


def test_a_repository_around_the_directory_is_reported(repository: Path) -> None:
    (repository / "sub").mkdir()
    state = git_state(repository / "sub")
    assert state is not None
    assert state.is_around


def test_no_repository(tmp_path: Path) -> None:
    assert git_state(tmp_path) is None


def test_a_pipe_where_a_file_should_be_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    os.mkfifo(tmp_path / ".git/HEAD")
    assert git_state(tmp_path) == GitState()


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://token@host/a.git", "https://host/a.git"),
        ("https://host/a.git?private_token=x#y", "https://host/a.git"),
        ("ssh://git@host:22/a.git", "ssh://host:22/a.git"),
        ("git@host:a/b.git", "host:a/b.git"),
        ("host:a/b.git", "host:a/b.git"),
        ("/mnt/a.git", "/mnt/a.git"),
        ("../a.git", "../a.git"),
        ("https://host:port/a", ""),
        ("https://ho\x1bst/a", ""),
        ("", ""),
    ],
)
def test_an_address_is_shown_without_who_may_enter(address: str, shown: str) -> None:
    assert without_credentials(address) == shown
