"""The files that earlier steps of a chain hand over to a run, and what it makes of them.

1. `give`, while the run holds its directory and before its script starts: copies of its own in
   `<run folder>/inputs/<step>/`, each with the hash of what was kept; and files in the directory
   that the script has hard-coded must be what the earlier step made.
2. `made`, after the script has ended: what is new or changed among the copies is an output of
   this run, as if it were in the directory.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from registry_app.kinds import EntryPointType
from registry_app.messages import message_of
from runs_app.exceptions import RefusedError
from runs_app.executors.fencing import HANDED_OVER
from runs_app.models import Run, RunStep
from runs_app.records.kept_file import open_inside
from runs_app.runner.folder import RunFolder
from runs_app.runner.guards.unchanged import state_of
from runs_app.runner.outputs.choice import Rule
from runs_app.runner.outputs.copying import NotKeptError, copy, opened
from runs_app.runner.outputs.keeping import KeptFile, keep
from runs_app.runner.outputs.small_files import NAME_OF_HANDED
from runs_app.runner.outputs.snapshot import Manifest, compare, take
from runs_app.texts import sets as texts

logger = logging.getLogger(__name__)

FOLDER = HANDED_OVER
BEFORE = "handed-before.jsonl"
# Not made of the file's own name, which may be as long as names can be.
PART = ".part"
MIB = 2**20
CHUNK_BYTES = 2**20


def give(run: Run, folder: RunFolder) -> Mapping[str, str]:
    """Copy what earlier steps hand over into the run folder, and check what the script reads.

    Return the paths that were checked, with the states that they must still have when the script
    starts.
    Raises RefusedError, and OSError if a copy cannot be written.
    """
    step = RunStep.objects.filter(run=run).first()
    if step is None or not step.bound:
        return {}
    checked: dict[str, str] = {}
    for item in step.bound:
        if "reads" in item:
            checked |= _check_read(run, item)
        else:
            _copy(folder, item)
    if (folder.path / FOLDER).is_dir():
        take(folder.path / FOLDER, follows_links=False).save(folder.path / BEFORE)
    return checked


def made(run: Run, folder: RunFolder, *, taken: frozenset[str]) -> tuple[KeptFile, ...]:
    """Return what the script made among the files that were handed over, saved as outputs.

    `taken` are the paths of its other outputs. Repeatable. Raises OSError.
    """
    place = folder.path / FOLDER
    if not place.is_dir() or not (folder.path / BEFORE).is_file():
        return ()
    try:
        before = Manifest.load(folder.path / BEFORE)
    except (OSError, ValueError, TypeError, LookupError):
        logger.warning("not a manifest file=%s", folder.path / BEFORE)
        return ()
    deltas = [
        replace(delta, path=f"{FOLDER}/{delta.path}")
        for delta in compare(before, take(place, prunable=(), follows_links=False))
    ]
    return tuple(
        file
        for file in keep(
            folder.path,
            [delta for delta in deltas if delta.path not in taken],
            folder.outputs,
            rule=rule_of(run),
            limit_bytes=settings.GUARDIANFLOW_OUTPUT_LIMIT_MIB * MIB,
            archive=NAME_OF_HANDED,
        )
    )


def rule_of(run: Run) -> Rule:
    """Return which files of a run are saved."""
    return Rule(
        patterns=settings.GUARDIANFLOW_OUTPUT_PATTERNS,
        junk=settings.GUARDIANFLOW_OUTPUT_JUNK,
        is_data=run.type == EntryPointType.DATA,
    )


def _copy(folder: RunFolder, item: Mapping[str, Any]) -> None:
    """Copy one kept file to its place; a copy that is there from an interrupted start is redone."""
    target = folder.path / str(item["path"])
    source = Path(settings.RUNS_DIR) / str(item["uuid"])
    try:
        with open_inside(source, str(item["kept"])) as file:
            copy(file.fileno(), target, aside=target.with_name(PART))
    except (FileNotFoundError, NotKeptError) as error:
        values = {key: item[key] for key in ("file", "step", "run")}
        raise RefusedError(texts.NOT_KEPT(reason=texts.GONE(), **values)) from error
    with target.open("rb") as copied:
        if _digest(copied.fileno()) != item["sha256"]:
            raise RefusedError(texts.COPY_DIFFERS(file=item["file"], run=item["run"]))


def _check_read(run: Run, item: Mapping[str, Any]) -> dict[str, str]:
    """Return a hard-coded path with the state of its file, which the earlier step must have made.

    Raises RefusedError otherwise. The entry point may have been changed since it was planned.
    """
    if run.overlap:
        raise RefusedError(texts.READS_AND_OVERLAP(type=run.type))
    path = str(item["reads"])
    values = {"path": path, "step": item["step"], "run": item["run"]}
    try:
        inside = place_inside(path, directory=run.cwd, folder=run.working_directory)
        with opened(Path(run.cwd), inside) as source:
            state = state_of(os.fstat(source))  # before it is read
            digest, written_at = _digest(source), os.fstat(source).st_mtime
    except NotKeptError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            raise RefusedError(texts.READS_MISSING(**values)) from error
        raise RefusedError(texts.READS_UNREADABLE(reason=message_of(error), **values)) from error
    if digest != item["sha256"]:
        when = timezone.localtime(
            datetime.fromtimestamp(written_at, tz=timezone.get_current_timezone())
        )
        raise RefusedError(texts.NOT_WHAT_IT_MADE(when=f"{when:%Y-%m-%d %H:%M}", **values))
    return {os.path.join(run.cwd, inside): state}


def place_inside(path: str, *, directory: str, folder: str) -> str:
    """Return a hard-coded path of a script that starts in `folder`, below its `directory`.

    Raises RefusedError if it leads out: the lock on the directory does not keep writers away there.
    """
    absolute = os.path.normpath(os.path.join(directory, folder, path))
    for place in (directory, os.path.realpath(directory)):
        if Path(absolute).is_relative_to(place):
            return os.path.relpath(absolute, place)
    raise RefusedError(texts.READS_OUTSIDE(path=path))


def _digest(source: int) -> str:
    digest = hashlib.sha256()
    os.lseek(source, 0, os.SEEK_SET)
    while chunk := os.read(source, CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()
