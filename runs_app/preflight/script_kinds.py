"""Which kinds of scripts can be started here; a notebook needs the Jupyter of its environment."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.utils.translation import gettext as _

from runs_app.exceptions import ScriptRefusedError
from runs_app.executors import fencing
from runs_app.records import environment
from runs_app.runner.command.launcher import STARTABLE, WINDOWS, is_notebook
from runs_app.runner.interpreter.packages import installed, remembered

JUPYTER = ("nbclient", "ipykernel")


def usable_kind(script: str) -> None:
    """Raise ScriptRefusedError, which names the cure, unless this kind can be started."""
    suffix = PurePosixPath(script).suffix.lower()
    if suffix in WINDOWS:
        raise ScriptRefusedError(
            _(
                "{script} is for Windows, and this machine cannot run it. Choose the Python script "
                "that it starts, or write it for bash as a .sh file."
            ).format(script=script)
        )
    if suffix not in STARTABLE:
        raise ScriptRefusedError(
            _(
                "{script} cannot be started. Scripts are .py or .sh files, packages with a "
                "__main__.py, and notebooks (.ipynb)."
            ).format(script=script)
        )


def usable_jupyter(script: str, interpreter: Path, *, asks: bool = True) -> None:
    """Raise ScriptRefusedError where a notebook's interpreter has no Jupyter to execute it.

    Without `asks` nothing is started, and only what the interpreter said before counts. Raises
    InterpreterError where it does not answer.
    """
    if not is_notebook(script):
        return
    cache = Path(settings.GUARDIANFLOW_HOME) / environment.CACHE
    told = (
        installed(interpreter, cache, fence=fencing.fence_of_question())
        if asks
        else remembered(interpreter, cache)
    )
    if told is None:
        return
    names = {_name_of(line) for line in told.packages}
    missing = [name for name in JUPYTER if name not in names]
    if missing:
        raise ScriptRefusedError(
            _(
                "{script} is a notebook, and {interpreter} has no {missing} to execute it. Install "
                "Jupyter there (`{interpreter} -m pip install nbclient ipykernel`), or write the "
                "notebook as a script with `jupyter nbconvert --to script`."
            ).format(script=script, interpreter=interpreter, missing=", ".join(missing))
        )


def _name_of(line: str) -> str:
    """Return the distribution that a line as of `pip freeze` names."""
    name = line.rpartition("# ")[2] if line.startswith("-e ") else line
    return re.split(r"==| @ ", name)[0].lower().replace("_", "-")
