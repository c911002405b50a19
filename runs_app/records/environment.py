"""What was installed for the script, kept in the run folder as `pip freeze` writes it."""

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
    """Keep version and packages of the interpreter, or why it did not tell; raises OSError."""
    try:
        found = installed(
            interpreter, Path(settings.GUARDIANFLOW_HOME) / CACHE, fence=fencing.fence_of_question()
        )
    except InterpreterError as error:
        logger.warning("packages not known interpreter=%s error=%s", interpreter, error)
        # Not asked again: one that hangs would hang once more at the run's end.
        lines = [f"# {line}" for line in str(error).splitlines()]
    else:
        lines = [
            f"# {found.implementation} {found.python}, {interpreter}",
            f"# environment {found.identity[:16]}, {len(found.packages)} packages",
            *found.packages,
        ]
    write_lines(folder / NAME, lines)
