"""A core repository as a git service has it, and an engineer's clone of it."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

FILE = "registry/experiments.yaml"
# What the engineer's own git reads; the portal's reads nothing of the kind.
QUIET = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C.UTF-8"}
ENGINEER = ("-c", "user.name=최엔지", "-c", "user.email=engineer@example.com")


def git(folder: Path, *arguments: str, **more: str) -> str:
    """Run git as the engineer does; return what it prints."""
    done = subprocess.run(
        ["git", *ENGINEER, *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **QUIET, **more},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@dataclass(frozen=True, kw_only=True)
class Remote:
    """The bare repository of the service, and the engineer's clone."""

    path: Path
    clone: Path

    @property
    def file(self) -> Path:
        return self.clone / FILE

    def commit(self, text: str, *, message: str = "Edit") -> str:
        """Commit the registry file in the clone; return the commit."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_bytes(text.encode())
        return self.commit_all(message)

    def commit_all(self, message: str = "Edit") -> str:
        git(self.clone, "add", "--all")
        git(self.clone, "commit", "--quiet", "--message", message)
        return git(self.clone, "rev-parse", "HEAD")

    def push(self, *options: str) -> None:
        git(self.clone, "push", "--quiet", *options, "origin", "HEAD:main")

    def pull(self) -> str:
        """Bring the clone up to date; return the text of the file."""
        git(self.clone, "pull", "--quiet", "--rebase", "origin", "main")
        return self.file.read_bytes().decode()

    def edit(self, old: str, new: str) -> None:
        """Change the file of the present branch and push it, as an engineer does."""
        text = self.pull()
        assert text.count(old) == 1, text
        self.commit(text.replace(old, new))
        self.push()

    def text(self, branch: str = "main") -> str:
        return git(self.path, "show", f"{branch}:{FILE}") + "\n"

    def log(self, branch: str = "main", form: str = "%an <%ae>") -> list[str]:
        return git(self.path, "log", f"--format={form}", branch).splitlines()

    def protect(self, branch: str = "main") -> None:
        """Refuse pushes to a branch, as a service does for a protected one."""
        hook = self.path / "hooks" / "update"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(
            f'#!/bin/sh\n[ "$1" != refs/heads/{branch} ] || {{ echo protected >&2; exit 1; }}\n',
            encoding="utf-8",
        )
        hook.chmod(0o755)

    def unprotect(self) -> None:
        (self.path / "hooks" / "update").unlink()


def make_remote(folder: Path) -> Remote:
    path, clone = folder / "core-remote.git", folder / "clone"
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(path))
    git(folder, "clone", "--quiet", str(path), str(clone))
    git(clone, "checkout", "--quiet", "-B", "main")
    return Remote(path=path, clone=clone)
