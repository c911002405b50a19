"""The difference to a commit, even in a malicious repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from registry_app.files.git_state import head_commit
from runs_app.runner.source import git_diff
from runs_app.runner.source.git_diff import Difference, write_diff
from runs_app.runner.source.repository import find_repository

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(directory: Path, *arguments: str) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(directory),
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_NAME": "Jiwoo" for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": "jiwoo@example.com" for who in ("AUTHOR", "COMMITTER")},
    }
    return subprocess.run(
        ["git", *arguments], cwd=directory, env=environment, check=True, capture_output=True
    ).stdout.decode()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A repository with one commit."""
    path = tmp_path / "동화 엔텍"
    (path / "src").mkdir(parents=True)
    (path / "train.py").write_text("print('first')\n")
    (path / "src" / "net.py").write_text("layers = 3\n")
    git(path, "init", "--quiet")
    git(path, "add", ".")
    git(path, "commit", "--quiet", "--message", "first")
    return path


def difference(directory: Path) -> tuple[Difference, str]:
    repository = find_repository(directory)
    assert repository is not None
    patch = directory.parent / "source.patch"
    if repository.work_tree != directory:
        patch = repository.work_tree.parent / "source.patch"
    found = write_diff(repository, head_commit(directory), directory, patch)
    assert [path.name for path in patch.parent.glob(".git-*")] == []
    return found, patch.read_text(encoding="utf-8") if patch.exists() else ""


def test_a_clean_tree_has_no_patch(directory: Path) -> None:
    (directory / "untracked.py").write_text("new")
    assert difference(directory) == (Difference(), "")


def test_patch_applied_to_the_commit_gives_what_ran(directory: Path, tmp_path: Path) -> None:
    (directory / "train.py").write_text("print('둘째')\n")
    (directory / "src" / "net.py").unlink()
    git(directory, "add", "--all", "src")  # staged or not, it is different from the commit
    found, patch = difference(directory)
    assert found.size_bytes == len(patch.encode())
    assert not found.problem
    git(tmp_path, "clone", "--quiet", str(directory), "again")
    git(tmp_path / "again", "apply", str(tmp_path / "source.patch"))
    assert (tmp_path / "again" / "train.py").read_text() == "print('둘째')\n"
    assert not (tmp_path / "again" / "src" / "net.py").exists()


def test_change_in_the_second_of_the_commit_is_found_later(directory: Path) -> None:
    net = directory / "src" / "net.py"
    while True:  # until all happens within one second, as git compares whole seconds
        net.write_text("layers = 4\n")
        second = int(net.stat().st_mtime)
        git(directory, "add", ".")
        git(directory, "commit", "--allow-empty", "--quiet", "--message", "four layers")
        net.write_text("layers = 5\n")
        if int(net.stat().st_mtime) == second:
            break
    while int(time.time()) == second:
        time.sleep(0.01)
    assert "layers = 5" in difference(directory)[1]


def test_only_the_experiment_is_compared_where_it_is_part_of_a_repository(directory: Path) -> None:
    (directory / "train.py").write_text("elsewhere\n")
    (directory / "src" / "net.py").write_text("layers = 4\n")
    found, patch = difference(directory / "src")
    assert not found.problem
    assert "layers = 4" in patch
    assert "elsewhere" not in patch


def test_linked_work_tree_is_compared_with_its_own_commit(directory: Path, tmp_path: Path) -> None:
    git(directory, "worktree", "add", "--quiet", str(tmp_path / "linked"))
    (tmp_path / "linked" / "train.py").write_text("linked\n")
    found, patch = difference(tmp_path / "linked")
    assert not found.problem
    assert "+linked" in patch


def test_line_ends_are_compared_as_the_repository_wants(directory: Path) -> None:
    git(directory, "config", "core.autocrlf", "true")
    (directory / "train.py").write_bytes(b"print('first')\r\n")
    assert difference(directory) == (Difference(), "")


def test_nothing_that_a_repository_names_is_run(directory: Path, tmp_path: Path) -> None:
    """Filters, converters, monitors, hooks, helpers: each would leave a file behind."""
    trap = tmp_path / "traps"
    trap.mkdir()

    def program(name: str) -> str:
        file = trap / name
        file.write_text(f"#!/bin/sh\ntouch {trap}/ran-{name}\ncat\n")
        file.chmod(0o755)
        return str(file)

    (directory / ".gitattributes").write_text("*.py filter=evil diff=evil merge=evil\n")
    git(directory, "add", ".gitattributes")
    git(directory, "commit", "--quiet", "--message", "attributes")
    for name in ("core.fsmonitor", "core.pager", "pager.diff", "core.sshCommand", "diff.external"):
        git(directory, "config", name, program(name))
    for name in ("filter.evil.clean", "filter.evil.smudge", "filter.evil.process"):
        git(directory, "config", name, program(name))
    for name in ("diff.evil.textconv", "diff.evil.command", "merge.evil.driver"):
        git(directory, "config", name, program(name))
    git(directory, "config", "core.hooksPath", str(trap))
    program("post-index-change")
    (directory / ".git" / "info" / "attributes").write_text("*.py filter=evil diff=evil\n")
    included = tmp_path / "included"
    included.write_text(f"[core]\n\tfsmonitor = {program('included')}\n")
    git(directory, "config", "include.path", str(included))
    for file in trap.glob("ran-*"):  # what setting the trap set off
        file.unlink()

    (directory / "train.py").write_text("print('second')\n")
    found, patch = difference(directory)
    assert not found.problem
    assert "+print('second')" in patch
    assert list(trap.glob("ran-*")) == []


def test_the_trap_would_have_caught_the_usual_protective_options(
    directory: Path, tmp_path: Path
) -> None:
    (directory / ".gitattributes").write_text("*.py filter=evil\n")
    git(directory, "config", "filter.evil.clean", f"touch '{tmp_path}/ran'; cat")
    (directory / "train.py").write_text("print('second')\n")
    git(directory, "--no-optional-locks", "diff", "--no-ext-diff", "--no-textconv", "HEAD")
    assert (tmp_path / "ran").exists()


def test_the_repository_itself_is_not_written_to(directory: Path) -> None:
    def seen() -> dict[str, tuple[int, int]]:
        return {
            str(path): (path.lstat().st_mtime_ns, path.lstat().st_size)
            for path in directory.rglob("*")
        }

    (directory / "train.py").touch()
    before = seen()
    assert difference(directory)[1] == ""
    assert seen() == before


@pytest.mark.parametrize("damage", ["index", "objects"])
def test_a_damaged_repository_is_a_problem_that_is_reported(directory: Path, damage: str) -> None:
    (directory / "train.py").write_text("print('second')\n")
    target = directory / ".git" / damage
    if target.is_dir():
        shutil.rmtree(target)
        target.mkdir()
    else:
        target.unlink()
    found, patch = difference(directory)
    assert found.problem
    assert patch == ""


def test_a_huge_difference_is_cut(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_diff, "MAX_BYTES", 4096)
    (directory / "train.py").write_text("\n".join(f"line {n}" for n in range(100_000)))
    found, patch = difference(directory)
    assert found.is_cut
    assert len(patch) == 4096


def test_a_machine_without_git_says_so(
    directory: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert difference(directory)[0].problem == "git is not installed"


def test_a_directory_without_repository_has_none(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert find_repository(tmp_path / "nowhere") is None
