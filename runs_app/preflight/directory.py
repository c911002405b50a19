"""What must hold before a script may run. Checked before queueing and again before the start."""

from __future__ import annotations

import difflib
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.conf import settings

from registry_app.arguments.problems import variable_problems
from registry_app.exceptions import PathRefusedError
from registry_app.files.paths import (
    experiment_directory,
    folder_inside,
    resolve_directory,
    script_inside,
)
from registry_app.messages import Message, lines, message_of
from registry_app.models import Experiment
from runs_app.exceptions import (
    DirectoryRefusedError,
    DiskFullError,
    RefusedError,
    ScriptRefusedError,
)
from runs_app.models import Run
from runs_app.texts import refusals as texts
from runs_app.texts.interpreter import NOT_THERE


def usable_directory(experiment: Experiment) -> Path:
    """Return the experiment's directory; raise DirectoryRefusedError if it cannot be used."""
    try:
        directory = experiment_directory(experiment)
    except PathRefusedError as error:
        raise DirectoryRefusedError(message_of(error)) from error
    try:
        is_there = directory.is_dir()
    except OSError as error:
        raise DirectoryRefusedError(_unreadable(experiment.name, error)) from error
    if not is_there:
        raise DirectoryRefusedError(
            texts.DIRECTORY_NOT_THERE(path=directory, experiment=experiment.name)
        )
    if not os.access(directory, os.R_OK | os.X_OK):
        raise DirectoryRefusedError(texts.DIRECTORY_CLOSED(path=directory))
    return directory


def same_directory(run: Run, directory: Path) -> None:
    """Raise DirectoryRefusedError if a run would not start in the directory it was queued for.

    Its command is stored; only the target of the path can change in the meantime.
    """
    places = {os.path.realpath(directory), os.path.realpath(run.cwd)}
    if run.real_cwd and places != {run.real_cwd}:
        raise DirectoryRefusedError(
            texts.DIRECTORY_LED_ELSEWHERE(
                experiment=run.experiment.name,
                before=run.real_cwd,
                now=sorted(places - {run.real_cwd}),
            )
        )


def check_place(cwd: str) -> None:
    """Raise DirectoryRefusedError if a run's directory is no longer inside the roots."""
    try:
        resolve_directory(cwd, settings.GUARDIANFLOW_ROOTS)
    except PathRefusedError as error:
        raise DirectoryRefusedError(message_of(error)) from error


def usable_script(directory: Path, script: str, *, known: Sequence[str]) -> str:
    """Return `script` as a path relative to `directory`; raise ScriptRefusedError.

    `known` are the scripts to list if this one does not exist.
    """
    try:
        path = script_inside(directory, script)
        is_there = path.is_file()
    except PathRefusedError as error:
        raise ScriptRefusedError(message_of(error)) from error
    except OSError as error:
        raise ScriptRefusedError(_unreadable(script, error)) from error
    if not is_there:
        raise ScriptRefusedError(_not_there(script, directory, known))
    return Path(script).as_posix()


def usable_folder(directory: Path, folder: str) -> str:
    """Return a working directory as a path below `directory`, '' for itself.

    Raises DirectoryRefusedError if it does not exist or leads out of `directory`.
    """
    try:
        inside = folder_inside(directory, folder)
    except PathRefusedError as error:
        raise DirectoryRefusedError(message_of(error)) from error
    if inside and not (
        os.path.isdir(directory / inside) and os.access(directory / inside, os.R_OK | os.X_OK)
    ):
        raise DirectoryRefusedError(texts.FOLDER_NOT_THERE(folder=inside, directory=directory))
    return inside


def check_variables(variables: Mapping[str, str]) -> None:
    """Raise RefusedError if a run would get variables that must not be set for it."""
    if problems := variable_problems(variables):
        raise RefusedError(lines(problems))


def usable_interpreter(interpreter: Path) -> None:
    """Raise RefusedError unless the program can be executed."""
    # Not Path.is_file, which raises if a parent folder is not accessible.
    if not (os.path.isfile(interpreter) and os.access(interpreter, os.X_OK)):
        raise RefusedError(NOT_THERE(path=interpreter))


def check_disk_space() -> None:
    """Raise DiskFullError if the disk of the run folders or the data directory is nearly full."""
    folder = full_folder()
    if folder is not None:
        raise DiskFullError(
            texts.DISK_FULL(
                free=free_mib_at(folder), path=folder, wanted=settings.GUARDIANFLOW_MIN_FREE_MIB
            )
        )


def full_folder(*, least_mib: int = 0) -> Path | None:
    """Return the portal's folder whose disk has too little free space, None if there is none.

    Too little is less than is set, or than `least_mib` where less or nothing is set. A disk whose
    free space is unknown counts as having enough.
    """
    wanted_mib = max(settings.GUARDIANFLOW_MIN_FREE_MIB, least_mib)
    for folder in (Path(settings.RUNS_DIR), Path(settings.GUARDIANFLOW_HOME)):
        free_mib = free_mib_at(folder)
        if free_mib is not None and free_mib < wanted_mib:
            return folder
    return None


def disk_space_warning(directory: Path) -> list[Message]:
    """Return a warning if a script would have little disk space for its output."""
    free_mib = free_mib_at(directory)
    if free_mib is None or free_mib >= settings.GUARDIANFLOW_MIN_FREE_MIB:
        return []
    return [texts.LOW_DISK_SPACE(free=free_mib, path=directory)]


def free_mib_at(folder: Path) -> int | None:
    """Return the free MiB on the disk of a folder, which need not exist yet; None if unknown."""
    for place in (folder, *folder.parents):
        try:
            return shutil.disk_usage(place).free // 2**20
        except FileNotFoundError:
            continue
        except OSError:
            return None
    return None


def _unreadable(name: str, error: OSError) -> Message:
    return texts.CANNOT_BE_READ(name=name, problem=error.strerror)


def _not_there(script: str, directory: Path, known: Sequence[str]) -> Message:
    near = difflib.get_close_matches(script, known, n=3, cutoff=0.4) or sorted(known)[:3]
    if not near:
        return texts.SCRIPT_NOT_THERE(script=script, directory=directory)
    return texts.SCRIPT_NOT_THERE_NEAR(script=script, directory=directory, names=near)
