"""The diff of a work tree to its commit, without running any program of its repository.

A repository may name programs in its configuration (filters, monitors, text converters, hooks),
and git runs them even with `--no-ext-diff` and `--no-textconv`. So git is given a private
repository that has only a copy of the index, borrows the objects and has our configuration. Only
the settings that affect how bytes are compared are taken from the original configuration.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from runs_app.runner.outputs.copying import created
from runs_app.runner.source.repository import Repository

TIMEOUT_S = 10
MAX_BYTES = 8 * 2**20
_SWITCHES = {
    "core.autocrlf": {"true", "false", "input"},
    "core.eol": {"lf", "crlf", "native"},
    "core.filemode": {"true", "false"},
    "core.symlinks": {"true", "false"},
    "core.ignorecase": {"true", "false"},
}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The result of a comparison; `problem` says why there is none."""

    size_bytes: int = 0
    is_cut: bool = False
    problem: str = ""


def write_diff(repository: Repository, commit: str, directory: Path, patch: Path) -> Difference:
    """Write the diff of `directory` to `commit` into `patch`; no file without differences.

    Untracked files are not included. Raises OSError if `patch` cannot be written.
    """
    git = shutil.which("git")
    if git is None:
        return Difference(problem="git is not installed")
    aside = patch.with_name(f"{patch.name}.part")
    try:
        with tempfile.TemporaryDirectory(dir=patch.parent, prefix=".git-") as own:
            problem = _prepare(git, repository, commit, Path(own))
            if problem:
                return Difference(problem=problem)
            problem = _run_diff(
                git, repository, commit, Path(own), directory=directory, output=aside
            )
        size_bytes = aside.stat().st_size
        is_cut = size_bytes >= MAX_BYTES
        if problem and not is_cut:
            return Difference(problem=problem)
        if size_bytes:
            os.replace(aside, patch)
        return Difference(size_bytes=size_bytes, is_cut=is_cut)
    finally:
        aside.unlink(missing_ok=True)


def _prepare(git: str, repository: Repository, commit: str, own: Path) -> str:
    """Create the private repository; return why it cannot be created."""
    for folder in ("objects", "refs"):
        (own / folder).mkdir()
    (own / "HEAD").write_text(f"{commit}\n")
    lines = ["[core]", f"repositoryformatversion = {int(len(commit) > 40)}"]
    lines += ["bare = false", "quotepath = false"]
    lines += [f"{name} = {value}" for name, value in _switches(git, repository.common_dir).items()]
    if len(commit) > 40:
        lines += ["[extensions]", "objectFormat = sha256"]
    (own / "config").write_text("\n".join(lines) + "\n")
    try:
        # With the time of the index: git reads files again that changed in the second in which it
        # was written, and a later time would make it trust their sizes and whole seconds.
        shutil.copy2(repository.git_dir / "index", own / "index")
        for shared in repository.git_dir.glob("sharedindex.*"):
            shutil.copyfile(shared, own / shared.name)
    except OSError as error:
        return f"its index cannot be read: {error.strerror}"
    return ""


def _switches(git: str, common_dir: Path) -> dict[str, str]:
    """Read the settings that affect how bytes are compared; this runs no program."""
    argv = [git, "config", "--file", str(common_dir / "config"), "--no-includes", "--list"]
    try:
        output = subprocess.run(
            argv,
            env=_environment(),
            cwd="/",
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=TIMEOUT_S,
            check=False,
        ).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.SubprocessError):
        return {}
    pairs = (line.partition("=")[::2] for line in output.splitlines())
    return {
        name.removeprefix("core."): value
        for name, value in pairs
        if value in _SWITCHES.get(name, ())
    }


def _run_diff(
    git: str, repository: Repository, commit: str, own: Path, *, directory: Path, output: Path
) -> str:
    """Run git to write the diff to `output`; return what went wrong."""
    argv = [
        *(git, "--no-optional-locks", "--literal-pathspecs", "-c", "core.hooksPath=/dev/null"),
        *("-c", "core.fsmonitor=false", "diff", "--no-ext-diff", "--no-textconv", "--no-color"),
        *("--no-renames", "--ignore-submodules=all", commit, "--", "."),
    ]
    borrowed = {
        "GIT_DIR": str(own),
        "GIT_WORK_TREE": str(repository.work_tree),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(repository.common_dir / "objects"),
    }
    with created(output) as out:
        process = subprocess.Popen(
            argv,
            env=_environment() | borrowed,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        with process:
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (MAX_BYTES, MAX_BYTES))
            try:
                _out, complaint = process.communicate(timeout=TIMEOUT_S)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                return f"git did not respond within {TIMEOUT_S} s"
    if process.returncode:
        last = complaint.decode("utf-8", "replace").strip().rpartition("\n")[2]
        return last[:300] or f"git ended with exit status {process.returncode}"
    return ""


def _environment() -> dict[str, str]:
    """Return an environment in which git reads only the given configuration."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_PAGER": "cat",
    }
