"""Starts the portal's own management commands as processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

from django.conf import settings

# A parent that prints the pid of the command and ends at once. Forked in a new interpreter, as this
# process may have threads.
FORK_SCRIPT = """\
import os, sys
if pid := os.fork():
    print(pid)
else:
    os.dup2(2, 1)
    os.execv(sys.argv[1], sys.argv[1:])
"""
FORK = (sys.executable, "-I", "-S", "-c", FORK_SCRIPT)


def start(command: str, *arguments: str, quiet: bool = False) -> subprocess.Popen[bytes]:
    """Start a management command in a session of its own, away from the terminal's signals.

    With `quiet` its output is discarded; without, it shares the output of this process.
    """
    output = subprocess.DEVNULL if quiet else None
    return _start(_arguments(command, *arguments), stdout=output, stderr=output)


def detach(command: str, *arguments: str, keep: Collection[int] = ()) -> int:
    """Start a management command that outlives this process; return its pid, 0 if none was started.

    It is no child of this process, which need not wait for it. Its output is discarded. It gets the
    descriptors `keep` under their numbers.
    """
    words = [*FORK, *_arguments(command, *arguments)]
    try:
        parent = _start(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, keep=keep)
    except OSError:
        return 0
    printed, _ = parent.communicate()
    return int(printed) if parent.returncode == 0 else 0


def _start(
    arguments: list[str], *, stdout: int | None, stderr: int | None, keep: Collection[int] = ()
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        arguments,
        cwd=Path(settings.GUARDIANFLOW_HOME),
        env={**os.environ, **_python_path()},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
        pass_fds=keep,
    )


def _arguments(command: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "django", command, *arguments]


def _python_path() -> dict[str, str]:
    parts = filter(None, [str(settings.BASE_DIR), os.environ.get("PYTHONPATH", "")])
    return {"PYTHONPATH": os.pathsep.join(parts)}
