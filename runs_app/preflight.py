"""What must hold before a script may run. Asked before queueing and again before the start."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from pathlib import Path

from django.utils.translation import gettext as _

from registry_app.exceptions import PathRefusedError
from registry_app.models import Experiment
from registry_app.paths import experiment_directory, script_inside
from runs_app.exceptions import DirectoryRefusedError, RefusedError, ScriptRefusedError


def usable_directory(experiment: Experiment) -> Path:
    """Return the experiment's directory; raise DirectoryRefusedError if it cannot be used."""
    try:
        directory = experiment_directory(experiment)
    except PathRefusedError as error:
        raise DirectoryRefusedError(str(error)) from error
    try:
        is_there = directory.is_dir()
    except OSError as error:
        raise DirectoryRefusedError(_unreadable(experiment.name, error)) from error
    if not is_there:
        raise DirectoryRefusedError(
            _(
                "The directory {path} of {experiment} is not there. Bring it back, "
                "or correct the path of the experiment."
            ).format(path=directory, experiment=experiment.name)
        )
    if not os.access(directory, os.R_OK | os.X_OK):
        raise DirectoryRefusedError(
            _("The directory {path} may not be read. Give this user access to it.").format(
                path=directory
            )
        )
    return directory


def usable_script(directory: Path, script: str, *, known: Sequence[str]) -> str:
    """Return `script` as a path relative to `directory`; raise ScriptRefusedError.

    `known` are the scripts to name if this one is not there.
    """
    try:
        path = script_inside(directory, script)
        is_there = path.is_file()
    except PathRefusedError as error:
        raise ScriptRefusedError(str(error)) from error
    except OSError as error:
        raise ScriptRefusedError(_unreadable(script, error)) from error
    if not is_there:
        raise ScriptRefusedError(
            _("The script {script} is not in {directory}. {hint}").format(
                script=script, directory=directory, hint=_nearest(script, known)
            )
        )
    return Path(script).as_posix()


def usable_interpreter(interpreter: Path) -> None:
    """Raise RefusedError unless the program can be executed."""
    # Not Path.is_file, which raises where a folder above may not be entered.
    if not (os.path.isfile(interpreter) and os.access(interpreter, os.X_OK)):
        raise RefusedError(
            _(
                "The interpreter {path} is not there or may not be executed. Repair the "
                "environment, or set another interpreter for the entry point."
            ).format(path=interpreter)
        )


def _unreadable(name: str, error: OSError) -> str:
    return _("{name} cannot be read: {problem}").format(name=name, problem=error.strerror)


def _nearest(script: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(script, known, n=3, cutoff=0.4) or sorted(known)[:3]
    if not near:
        return _("Scan the directory again to see which scripts it has.")
    return _("Did you mean {names}?").format(names=", ".join(near))
