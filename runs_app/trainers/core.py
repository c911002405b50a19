"""Start a trainer of the core repository: the file that a run executes, as it was confirmed.

`core:trainers/NAME/trainer.py` names a row that the last sync stored. Its folder was copied into
the data directory under the SHA-256 of its content, and that copy is what runs execute, in the
experiment's directory. So a run that waited starts what was confirmed, whatever was merged since.
"""

from __future__ import annotations

import ast
import os
import shutil
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

from django.conf import settings

from registry_app.changes.known_names import is_name_of
from registry_app.exceptions import PathRefusedError
from registry_app.files.core_copies import digest_of, read_copy
from registry_app.files.core_scripts import PREFIX, copies_folder, copy_folder, core_path, is_core
from registry_app.messages import message_of
from registry_app.models import CoreTrainer, EntryPoint, Experiment, Script
from runs_app.exceptions import ScriptRefusedError
from runs_app.models import Run
from runs_app.texts import trainers as texts

# Between a trainer and the digest of its content in a confirmed command.
_ARROW = " → "
# The caches of an interpreter that could write there.
_CACHE = "__pycache__"


class FileChange(StrEnum):
    """How a file of a trainer differs between two states."""

    NEW = "new"
    CHANGED = "changed"
    GONE = "gone"


def trainer_of(experiment: Experiment, script: str) -> CoreTrainer:
    """Return the row of a trainer; raises ScriptRefusedError, which names the fix."""
    try:
        path = core_path(script)
    except PathRefusedError as error:
        raise ScriptRefusedError(message_of(error)) from error
    if not settings.GUARDIANFLOW_CORE_URL:
        raise ScriptRefusedError(texts.NO_CORE_REPOSITORY(script=script))
    row = CoreTrainer.objects.filter(path=path).first()
    if row is None:
        raise ScriptRefusedError(
            texts.NOT_IN_CORE(path=path, branch=settings.GUARDIANFLOW_CORE_BRANCH)
        )
    if not is_name_of(row.experiment_name, experiment):
        raise ScriptRefusedError(
            texts.TRAINER_OF_ANOTHER(
                path=path, other=row.experiment_name, experiment=experiment.name
            )
        )
    return row


def check_unchanged(row: CoreTrainer, digest: str) -> None:
    """Raise ScriptRefusedError if a trainer is not the one that was read; '' accepts any."""
    if digest and digest != row.digest:
        raise ScriptRefusedError(texts.CHANGED_SINCE_READ(path=row.path))


def digest_of_script(script: str) -> str:
    """Return the digest of the present content of a trainer, '' for any other script."""
    if not is_core(script):
        return ""
    row = CoreTrainer.objects.filter(path=script.removeprefix(PREFIX)).first()
    return row.digest if row else ""


def started_digest(run: Run) -> str:
    """Return the digest of the trainer that a run starts, '' for any other script."""
    folder = _copy_of(started_file(run)) if is_core(run.script) else None
    return folder.name if folder is not None else ""


def changed_files(old: str, new: str) -> dict[FileChange, list[str]]:
    """Return the files by which two states of one trainer differ, as commands name them.

    Such a name is `core:PATH → DIGEST`; empty for any others, and if a copy is gone.
    """
    before, after = (_files_named(name) for name in (old, new))
    if before is None or after is None or old.partition(_ARROW)[0] != new.partition(_ARROW)[0]:
        return {}
    both = before.keys() & after.keys()
    found = {
        FileChange.NEW: sorted(after.keys() - before.keys()),
        FileChange.CHANGED: sorted(path for path in both if before[path] != after[path]),
        FileChange.GONE: sorted(before.keys() - after.keys()),
    }
    return found if any(found.values()) else {}


def _files_named(name: str) -> dict[str, bytes] | None:
    script, arrow, digest = name.partition(_ARROW)
    if not arrow or not is_core(script):
        return None
    try:
        return read_copy(copy_folder(digest)) or None
    except (OSError, ValueError):
        return None


def file_of(row: CoreTrainer) -> Path:
    """Return the file that a run of this trainer starts; raises ScriptRefusedError."""
    file = copy_folder(row.digest).joinpath(*row.path.split("/")[2:])
    check_copy(file)
    return file


def check_copy(file: Path) -> None:
    """Raise ScriptRefusedError unless a file is in a copy with its right content."""
    folder = _copy_of(file)
    if folder is None or not file.is_file():
        raise ScriptRefusedError(texts.COPY_GONE(path=file))
    shutil.rmtree(folder / _CACHE, ignore_errors=True)
    try:
        is_right = digest_of(read_copy(folder)) == folder.name
    except OSError:
        is_right = False
    if not is_right:
        raise ScriptRefusedError(texts.COPY_CHANGED(path=file))


def check_started(run: Run) -> None:
    """Raise ScriptRefusedError if the copy that a queued run starts is gone or was changed."""
    check_copy(started_file(run))


def wrapped_script(file: Path, directory: Path, folder: str) -> str:
    """Return the script of the directory that a drafted adapter starts, '' if it names none.

    Its modules are needed as if it were started itself.
    """
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="SCRIPT")], value=ast.Constant(value=str(name))):
                path = os.path.normpath(os.path.join(folder, name))
                return "" if path.startswith("..") or not (directory / path).is_file() else path
    return ""


def started_file(run: Run) -> Path:
    """Return the copy that a queued run starts."""
    return next((Path(word) for word in run.argv if _copy_of(Path(word))), Path(run.script))


def as_script(row: CoreTrainer, type: str) -> Script:  # noqa: A002
    """Return a trainer as a script that a scan has read; it is not stored."""
    return Script(
        path=f"core:{row.path}",
        types=[type],
        parameters=row.parameters,
        parameters_known=row.parameters_known,
    )


def scripts_of(entries: Iterable[EntryPoint]) -> dict[str, Script]:
    """Return the trainers that entry points start by default, by path; no query without one."""
    by_script = {entry.default_script: entry for entry in entries if is_core(entry.default_script)}
    if not by_script:
        return {}
    rows = CoreTrainer.objects.filter(path__in=[name.partition(":")[2] for name in by_script])
    return {f"core:{row.path}": as_script(row, by_script[f"core:{row.path}"].type) for row in rows}


def _copy_of(file: Path) -> Path | None:
    """Return the folder of the copy that a path leads into, None for any other path."""
    copies = os.path.realpath(copies_folder())
    real = os.path.realpath(file) if file.is_absolute() else ""
    if not real.startswith(copies + os.sep):
        return None
    return Path(copies, real[len(copies) + 1 :].split(os.sep)[0])
