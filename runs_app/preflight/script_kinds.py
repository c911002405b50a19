"""Which kinds of scripts can be started here; a notebook needs the Jupyter of its environment."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from django.conf import settings

from runs_app.exceptions import ScriptRefusedError
from runs_app.executors import fencing
from runs_app.records import environment
from runs_app.runner.command.launcher import STARTABLE, WINDOWS, is_notebook
from runs_app.runner.interpreter.packages import installed, remembered
from runs_app.texts import refusals as texts

JUPYTER = ("nbclient", "ipykernel")


def usable_kind(script: str) -> None:
    """Raise ScriptRefusedError, which names the fix, unless this kind can be started."""
    suffix = PurePosixPath(script).suffix.lower()
    if suffix in WINDOWS:
        raise ScriptRefusedError(texts.SCRIPT_OF_WINDOWS(script=script))
    if suffix not in STARTABLE:
        raise ScriptRefusedError(texts.SCRIPT_OF_NO_KIND(script=script))


def usable_jupyter(script: str, interpreter: Path, *, may_query: bool = True) -> None:
    """Raise ScriptRefusedError if a notebook's interpreter has no Jupyter to execute it.

    Without `may_query` nothing is started, and only stored answers of the interpreter count. Raises
    InterpreterError if it does not respond.
    """
    if not is_notebook(script):
        return
    cache = Path(settings.GUARDIANFLOW_HOME) / environment.CACHE
    inventory = (
        installed(interpreter, cache, fence=fencing.fence_of_question())
        if may_query
        else remembered(interpreter, cache)
    )
    if inventory is None:
        return
    names = {_name_of(line) for line in inventory.packages}
    missing = [name for name in JUPYTER if name not in names]
    if missing:
        raise ScriptRefusedError(
            texts.NO_JUPYTER(script=script, interpreter=interpreter, missing=missing)
        )


def _name_of(line: str) -> str:
    """Return the name of the distribution in a line of `pip freeze`."""
    name = line.rpartition("# ")[2] if line.startswith("-e ") else line
    return re.split(r"==| @ ", name)[0].lower().replace("_", "-")
