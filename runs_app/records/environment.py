"""The packages installed for the script, saved in the run folder in `pip freeze` format."""

from __future__ import annotations

import logging
from pathlib import Path

from django.conf import settings

from runs_app.executors import fencing
from runs_app.runner.exceptions import InterpreterError
from runs_app.runner.interpreter.packages import installed
from runs_app.system.files import write_lines

logger = logging.getLogger(__name__)

NAME = "requirements.txt"
CACHE = "environments"


def write(interpreter: Path, folder: Path) -> None:
    """Save the interpreter's version and packages, or why it gave no answer; raises OSError."""
    try:
        found = installed(
            interpreter, Path(settings.GUARDIANFLOW_HOME) / CACHE, fence=fencing.fence_of_question()
        )
    except InterpreterError as error:
        logger.warning("packages unknown interpreter=%s error=%s", interpreter, error)
        # Not asked again: an interpreter that hangs would hang again at the run's end.
        lines = [f"# {line}" for line in str(error).splitlines()]
    else:
        lines = [
            f"# {found.implementation} {found.python}, {interpreter}",
            f"# environment {found.identity[:16]}, {len(found.packages)} packages",
            *found.packages,
        ]
    write_lines(folder / NAME, lines)
