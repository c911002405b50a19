"""Git commands that run no hook, filter, helper or pager: neither the user's nor the repository's.

Only plumbing is used, in a bare repository made from an empty template. What a hostile home or a
hostile core repository could start otherwise is listed by `tests/registry_app/sync/git`.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from registry_app.sync.errors import SyncError
from registry_app.texts import core_sync as texts

TIMEOUT_S = 120
# The first version with `rev-list --no-commit-header`.
OLDEST = (2, 33)
REMOTE = "origin"
_USER_IN_URL = re.compile(r"(\bhttps?://)[^/\s@]+@")
# Of the caller's environment only what git and ssh need to find programs and keys.
_KEPT = ("PATH", "HOME", "LANG", "SSH_AUTH_SOCK")
_OWN = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "file:ssh:https:git",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "LC_ALL": "C.UTF-8",
}
_SETTINGS = (
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.attributesFile={os.devnull}"),
    *("-c", "gc.auto=0"),
    *("-c", "maintenance.auto=false"),
    # A token is sent to the server of the URL and to no other one.
    *("-c", "http.followRedirects=false"),
)


# What git says where it was not allowed to write a file of this size.
_FILE_TOO_LARGE = re.compile(rf"File too large|signal {signal.SIGXFSZ.value}\b")
# What a fetched file takes besides its content.
_PACK_BYTES = 2**16
# Starts a program whose files cannot grow beyond a size. A limit that is set from outside could be
# too late, and code between fork and exec is not safe beside threads.
_LIMITED = (
    *(sys.executable, "-I", "-S", "-c"),
    """\
import os, resource, sys
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
os.execvp(sys.argv[2], sys.argv[2:])
""",
)


class GitError(SyncError):
    """A git command failed; `stderr` is what it said, without secrets."""

    def __init__(self, command: str, status: int, stderr: str) -> None:
        super().__init__(texts.GIT_FAILED(command=command, problem=stderr or str(status)))
        self.stderr = stderr


@dataclass(frozen=True, kw_only=True)
class Git:
    """One bare repository, and the variables that reach its remote."""

    directory: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    def run(
        self,
        command: str,
        *arguments: str,
        data: bytes | None = None,
        more: Mapping[str, str] | None = None,
        largest_bytes: int | None = None,
    ) -> bytes:
        """Return what the command prints; raises GitError, or SyncError where git is missing.

        No file that it writes grows beyond `largest_bytes`.
        """
        done = self.ended(command, *arguments, data=data, more=more, largest_bytes=largest_bytes)
        if done.returncode:
            raise GitError(command, done.returncode, last_words(done.stderr))
        return done.stdout

    def ended(
        self,
        command: str,
        *arguments: str,
        data: bytes | None = None,
        more: Mapping[str, str] | None = None,
        largest_bytes: int | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a command to its end, whatever its status."""
        argv = ["git", *_SETTINGS, f"--git-dir={self.directory}", command, *arguments]
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        return _ended(argv, {**kept, **_OWN, **self.variables, **(more or {})}, data, largest_bytes)

    def size_bytes(self, blob: str, most_bytes: int) -> int | None:
        """Return the size of a file, or None if it is larger than `most_bytes`.

        In a partial clone git fetches a file before it tells its size: that fetch is cut off.
        """
        try:
            size = int(self.run("cat-file", "-s", blob, largest_bytes=most_bytes + _PACK_BYTES))
        except GitError as error:
            if not _FILE_TOO_LARGE.search(error.stderr):
                raise
            self._remove_rests()
            return None
        return size if size <= most_bytes else None

    def _remove_rests(self) -> None:
        """Remove what a fetch that was cut off has left."""
        for rest in (self.directory / "objects" / "pack").glob("tmp_pack_*"):
            rest.unlink(missing_ok=True)

    def check_version(self) -> None:
        """Raise SyncError if git is missing, or older than the commands that are used."""
        version = version_of(self.run("version"))
        if version < OLDEST:
            found, oldest = (".".join(map(str, part)) for part in (version, OLDEST))
            raise SyncError(texts.GIT_TOO_OLD(version=found, oldest=oldest))

    def make(self) -> None:
        """Make the repository if it is not there; the empty template plants no hooks."""
        self.check_version()
        if not (self.directory / "HEAD").exists():
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.run("init", "--quiet", "--bare", "--template=")


def version_of(output: bytes) -> tuple[int, ...]:
    """Return the version in the output of `git version`; (0,) if there is none."""
    found = re.search(rb"\d+(?:\.\d+)*", output)
    return tuple(int(part) for part in found[0].split(b".")) if found else (0,)


def last_words(stderr: bytes) -> str:
    """Return the last words of a program in one line, without users and passwords of URLs."""
    text = " ".join(stderr.decode(errors="replace").split())
    return _USER_IN_URL.sub(r"\1", text)[-1000:]


def _ended(
    argv: Sequence[str],
    environment: Mapping[str, str],
    data: bytes | None,
    largest_bytes: int | None,
) -> subprocess.CompletedProcess[bytes]:
    """Run a program in a group of its own, which ends with it if it takes too long."""
    limited = [] if largest_bytes is None else [*_LIMITED, str(largest_bytes)]
    try:
        process = subprocess.Popen(
            [*limited, *argv],
            env=dict(environment),
            cwd=os.sep,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise SyncError(texts.NO_GIT()) from error
    try:
        stdout, stderr = process.communicate(data or b"", timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired as error:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise SyncError(texts.GIT_TOO_SLOW(seconds=TIMEOUT_S)) from error
    return subprocess.CompletedProcess(argv, process.returncode, stdout, stderr)
