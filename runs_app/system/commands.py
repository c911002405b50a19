"""Starts the portal's own management commands as processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

# A parent that ends at once. Forked in a new interpreter, as this process may have threads.
FORK = (
    *(sys.executable, "-I", "-S", "-c"),
    "import os, sys; os.fork() or os.execv(sys.argv[1], sys.argv[1:])",
)


def start(command: str, *arguments: str, quiet: bool = False) -> subprocess.Popen[bytes]:
    """Start a management command in a session of its own, away from the terminal's signals.

    With `quiet` its output is discarded; without, it shares the output of this process.
    """
    return _start(_arguments(command, *arguments), quiet=quiet)


def detach(command: str, *arguments: str) -> bool:
    """Start a management command that outlives this process; return whether it was started.

    It is no child of this process, which need not wait for it. Its output is discarded.
    """
    try:
        parent = _start([*FORK, *_arguments(command, *arguments)], quiet=True)
    except OSError:
        return False
    return parent.wait() == 0


def _start(arguments: list[str], *, quiet: bool) -> subprocess.Popen[bytes]:
    output = subprocess.DEVNULL if quiet else None
    return subprocess.Popen(
        arguments,
        cwd=Path(settings.GUARDIANFLOW_HOME),
        env={**os.environ, **_python_path()},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


def _arguments(command: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "django", command, *arguments]


def _python_path() -> dict[str, str]:
    parts = filter(None, [str(settings.BASE_DIR), os.environ.get("PYTHONPATH", "")])
    return {"PYTHONPATH": os.pathsep.join(parts)}
