"""Starts the portal's own management commands as processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings


def start(command: str, *arguments: str, quiet: bool = False) -> subprocess.Popen[bytes]:
    """Start a management command in a session of its own, away from the terminal's signals.

    With `quiet` its output is discarded; without, it shares the output of this process.
    """
    output = subprocess.DEVNULL if quiet else None
    return subprocess.Popen(
        [sys.executable, "-m", "django", command, *arguments],
        cwd=Path(settings.GUARDIANFLOW_HOME),
        env={**os.environ, **_python_path()},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


def _python_path() -> dict[str, str]:
    parts = filter(None, [str(settings.BASE_DIR), os.environ.get("PYTHONPATH", "")])
    return {"PYTHONPATH": os.pathsep.join(parts)}
