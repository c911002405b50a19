"""Starts an interpreter for a short query, isolated like scripts.

It may not be a Python at all, and it is in a directory that others can write to. So it starts
behind the fence, or as the user of scripts, and gets only the language and the search path of the
portal's environment.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from runs_app.runner.isolation import start_fenced
from runs_app.runner.isolation.helper_client import RefusedError
from runs_app.runner.other_user import OtherUser, current

STARTER = start_fenced.__file__
# The portal's own settings must not affect which modules the query finds.
_HANDED_ON = (
    *("PATH", "HOME", "USER", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "LD_LIBRARY_PATH"),
    *("PYTHONNOUSERSITE", "PYTHONUSERBASE", "CONDA_PREFIX", "SYSTEMROOT"),
)


class NotStartedError(OSError):
    """The program cannot be started; `strerror` says why."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """One start of a program; `streams` are its standard streams, files in memory."""

    argv: tuple[str, ...]
    fence: Mapping[str, Any]
    streams: tuple[int, int, int]
    timeout_s: float

    def ask(self) -> int:
        """Return the exit status.

        Raises NotStartedError, TimeoutError, and HelperError if the user of scripts cannot be
        reached.
        """
        user = current()
        return self._ask_here() if user is None else self._ask_as(user)

    @property
    def _environment(self) -> dict[str, str]:
        return {name: os.environ[name] for name in _HANDED_ON if name in os.environ}

    def _ask_here(self) -> int:
        stdin, output, complaint = self.streams
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", STARTER, json.dumps(dict(self.fence)), *self.argv],
            cwd="/",
            env=self._environment,
            stdin=stdin,
            stdout=output,
            stderr=complaint,
            start_new_session=True,
        )
        with process:
            try:
                code = process.wait(self.timeout_s)
            except subprocess.TimeoutExpired as error:
                raise TimeoutError from error
            finally:
                _end(process)
        complaints = lines_of(complaint)[-1:]
        if (
            code == start_fenced.NOT_STARTED
            and complaints
            and complaints[0].startswith(start_fenced.MARK)
        ):
            raise NotStartedError(0, complaints[0].removeprefix(start_fenced.MARK))
        return code

    def _ask_as(self, user: OtherUser) -> int:
        os.lseek(self.streams[0], 0, os.SEEK_SET)
        try:
            return user.ask_program(
                self.argv,
                environment=self._environment,
                fence=self.fence,
                streams=self.streams,
                timeout_s=self.timeout_s,
            )
        except RefusedError as error:
            raise NotStartedError(0, error.strerror or str(error)) from error


@contextmanager
def file_in_memory() -> Iterator[int]:
    """Open a file that no other process can open; a pipe could fill without limit."""
    descriptor = os.memfd_create("guardianflow-question")
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def lines_of(descriptor: int) -> list[str]:
    """Return the lines that a program wrote to a file in memory."""
    output = os.pread(descriptor, start_fenced.LARGEST_FILE_BYTES, 0)
    return output.decode(errors="replace").strip().splitlines()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program that has not been waited for, and all processes that it started."""
    if process.returncode is not None:  # its pid may belong to another process by now
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
