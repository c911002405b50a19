"""Which Python runs a script, by its entry point and the environments in its directory."""

from __future__ import annotations

import os
from pathlib import Path

from registry_app.files.conda import conda_python
from registry_app.files.environment_folders import USUAL_NAMES, Trouble, trouble_of
from registry_app.files.interpreters import CONDA_PREFIX, PORTAL
from registry_app.messages import Message
from runs_app.runner.exceptions import BrokenEnvironmentError, InterpreterError
from runs_app.runner.other_user import script_home
from runs_app.texts import interpreter as texts


def resolve_interpreter(directory: Path, *, configured: str, fallback: str) -> Path:
    """Return the Python for scripts of `directory`.

    `configured` is a path (absolute, or inside the directory), `conda:NAME`, or `portal` for
    `fallback`; without it the directory's own environment is used, else `fallback`. The symbolic
    link of an environment is not resolved: its target does not have the environment's packages.
    Raises InterpreterError; BrokenEnvironmentError if the directory's own environments have no
    Python that this machine can start.
    """
    if configured == PORTAL:
        return Path(fallback)
    if configured.startswith(CONDA_PREFIX):
        return _conda_python(configured.removeprefix(CONDA_PREFIX))
    if configured:
        path = Path(os.path.normpath(directory / _expanded(configured)))
        # Users name the environment as often as the program in it.
        python = path / "bin" / "python" if os.path.isdir(path) else path
        for folder in () if os.path.isfile(python) else (python.parent.parent, path):
            if trouble := trouble_of(folder):
                raise BrokenEnvironmentError(_why_broken(folder, trouble))
        return python
    for name in USUAL_NAMES:
        python = directory / name / "bin" / "python"
        try:
            if python.is_file():
                return python
        except OSError as error:  # another Python would lack what the script needs
            raise InterpreterError(
                texts.UNREADABLE_ENVIRONMENT(path=python, error=error.strerror)
            ) from error
    for name in USUAL_NAMES:
        if trouble := trouble_of(directory / name):
            raise BrokenEnvironmentError(_why_broken(directory / name, trouble))
    return Path(fallback)


def _why_broken(folder: Path, trouble: Trouble) -> Message:
    fix = texts.MAKE_ENVIRONMENT()
    if trouble is Trouble.DANGLING:
        link = folder if not os.path.exists(folder) else folder / "bin" / "python"
        target = os.path.realpath(link)
        return texts.ENVIRONMENT_GONE(folder=folder, target=target, fix=fix)
    if trouble is Trouble.FOREIGN:
        return texts.ENVIRONMENT_OF_WINDOWS(folder=folder, fix=fix)
    return texts.ENVIRONMENT_WITHOUT_PYTHON(folder=folder, fix=fix)


def _expanded(configured: str) -> Path:
    if configured.startswith("~/"):
        return script_home() / configured.removeprefix("~/")
    try:
        return Path(configured).expanduser()
    except RuntimeError as error:
        raise InterpreterError(texts.UNKNOWN_HOME(path=configured)) from error


def _conda_python(name: str) -> Path:
    python = conda_python(name, script_home())
    if python is None:
        raise InterpreterError(texts.NO_CONDA_ENVIRONMENT(name=name))
    return python
