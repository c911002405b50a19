"""What must hold before a script may run. Asked before queueing and again before the start."""

from __future__ import annotations

import difflib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from registry_app.exceptions import PathRefusedError
from registry_app.files.paths import experiment_directory, resolve_directory, script_inside
from registry_app.models import Experiment
from runs_app.exceptions import (
    DirectoryRefusedError,
    NoRoomError,
    RefusedError,
    ScriptRefusedError,
)
from runs_app.models import Run


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


def same_directory(run: Run, directory: Path) -> None:
    """Raise DirectoryRefusedError where a run would start elsewhere than it was queued for.

    Its command is stored; where the path leads is the one part of it that can change meanwhile.
    """
    places = {os.path.realpath(directory), os.path.realpath(run.cwd)}
    if run.real_cwd and places != {run.real_cwd}:
        raise DirectoryRefusedError(
            _(
                "The path of {experiment} led to {before} when this run was queued, and leads to "
                "{now} by now. Queue it again if that is meant."
            ).format(
                experiment=run.experiment.name,
                before=run.real_cwd,
                now=", ".join(sorted(places - {run.real_cwd})),
            )
        )


def check_place(cwd: str) -> None:
    """Raise DirectoryRefusedError where a run's own directory leads out of the roots by now."""
    try:
        resolve_directory(cwd, settings.GUARDIANFLOW_ROOTS)
    except PathRefusedError as error:
        raise DirectoryRefusedError(str(error)) from error


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


def check_room() -> None:
    """Raise NoRoomError where the disk of the run folders or of the home is nearly full."""
    folder = full_folder()
    if folder is not None:
        raise NoRoomError(
            _(
                "Only {free} MiB are free at {path}, and {wanted} MiB are to be left free. Make "
                "room there, set GUARDIANFLOW_MIN_FREE_MIB, or queue it all the same (--force)."
            ).format(
                free=free_mib_at(folder), path=folder, wanted=settings.GUARDIANFLOW_MIN_FREE_MIB
            )
        )


def full_folder() -> Path | None:
    """Return the folder of the portal on whose disk too little is free, None where there is room.

    A disk that does not tell counts as one with room.
    """
    for folder in (Path(settings.RUNS_DIR), Path(settings.GUARDIANFLOW_HOME)):
        free_mib = free_mib_at(folder)
        if free_mib is not None and free_mib < settings.GUARDIANFLOW_MIN_FREE_MIB:
            return folder
    return None


def room_warning(directory: Path) -> list[str]:
    """Return a warning where a script would have little room for what it writes."""
    free_mib = free_mib_at(directory)
    if free_mib is None or free_mib >= settings.GUARDIANFLOW_MIN_FREE_MIB:
        return []
    return [_("Only {free} MiB are free at {path}.").format(free=free_mib, path=directory)]


def free_mib_at(folder: Path) -> int | None:
    """Return the room on the disk of a folder that need not be there yet; None if unknown."""
    for place in (folder, *folder.parents):
        try:
            return shutil.disk_usage(place).free // 2**20
        except FileNotFoundError:
            continue
        except OSError:
            return None
    return None


def _unreadable(name: str, error: OSError) -> str:
    return _("{name} cannot be read: {problem}").format(name=name, problem=error.strerror)


def _nearest(script: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(script, known, n=3, cutoff=0.4) or sorted(known)[:3]
    if not near:
        return _("Scan the directory again to see which scripts it has.")
    return _("Did you mean {names}?").format(names=", ".join(near))
