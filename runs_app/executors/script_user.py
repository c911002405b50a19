"""Which Linux user scripts run as, by the settings, and how that changes a start.

With GUARDIANFLOW_RUN_AS the supervisor still runs as the portal's user, and a helper starts the
script. A user that cannot be reached is waited for; a script never runs as the portal's user
instead. See docs/decisions for why.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import file_digest
from pathlib import Path, PurePosixPath

from django.conf import settings

from registry_app.messages import Message
from runs_app.executors.fencing import HANDED_OVER, core_copies, handed_over, kept_outputs
from runs_app.runner.exceptions import FolderError
from runs_app.runner.folder import RunFolder
from runs_app.runner.folder_records import Spec
from runs_app.runner.interpreter import notebook_child
from runs_app.runner.isolation.helper_client import HelperError
from runs_app.runner.other_user import OtherUser, current
from runs_app.runner.outputs.copying import NotKeptError, copy

logger = logging.getLogger(__name__)

STORE = "mlruns"
NOTEBOOK = "executed.ipynb"
TRAINER = "trainer"
# Where the helper puts copies of files that only the portal can open.
COPIES = "inputs"
MIB = 2**20


def by_settings() -> OtherUser | None:
    """Return the user that GUARDIANFLOW_RUN_AS names, None if it is not set."""
    name = str(settings.GUARDIANFLOW_RUN_AS)
    return _user(name) if name else None


def unreachable() -> dict[str, str | Message]:
    """Return the script user and why it cannot be reached, {} if it can be or is not needed."""
    user = current()
    reason = None if user is None else user.unreachable()
    return {"user": user.name, "error": reason} if user is not None and reason else {}


def started_as(spec: Spec, environment: Mapping[str, str]) -> tuple[Spec, dict[str, str]]:
    """Return a script's spec and environment, adapted to the script user."""
    user = current()
    if user is None:
        return spec, dict(environment)
    scratch = user.scratch(spec.run)
    fence = dict(spec.fence)
    if fence:
        fence["own"] = [*fence.get("own", ()), str(scratch)]
    changed = {
        "MLFLOW_TRACKING_URI": (scratch / STORE).as_uri(),
        "GUARDIANFLOW_RECORD_DIR": str(scratch / TRAINER),
    }
    if notebook_child.OUTPUT in environment:
        changed[notebook_child.OUTPUT] = str(scratch / NOTEBOOK)
    as_user = replace(
        spec,
        fence=fence,
        run_as=user.name,
        run_as_uid=user.uid,
        scripts_socket=user.listening,
        scratch_folder=str(scratch),
        inputs=tuple(dict.fromkeys(_kept_files(spec.argv))),
    )
    return as_user, {**environment, **changed}


def _kept_files(argv: Iterable[str]) -> Iterator[str]:
    """Yield the files in the data directory that a command names: other users cannot open them."""
    for word in argv:
        path = word.rpartition("=")[2]
        if os.path.isfile(path) and any(kept_outputs([word])):
            yield path
            if any(handed_over([word])):  # scripts derive the other names of a set from one
                yield from _beside(path)
        if any(core_copies([word])):  # a trainer imports the files next to it
            yield from [word, *_beside(word)]


def _beside(path: str) -> list[str]:
    """Return the other files in the folder of a file."""
    files = sorted(str(file) for file in Path(path).parent.iterdir() if file.is_file())
    return [file for file in files if file != path]


def is_away(folder: RunFolder) -> bool:
    """Return whether the user that ran a script cannot be reached now, so the run must wait."""
    try:
        name = folder.spec().run_as
    except FolderError:
        return False
    if not name:
        return False
    reason = _user(name).unreachable()
    if reason:
        logger.warning("results wait for user=%s folder=%s error=%s", name, folder.path, reason)
    return bool(reason)


def _user(name: str) -> OtherUser:
    return OtherUser(name=name, socket=str(settings.GUARDIANFLOW_SCRIPTS_SOCKET))


def fetch(folder: RunFolder) -> None:
    """Copy what a script wrote into its scratch folder to the run folder, and remove the scratch.

    What it made of files that earlier steps of a chain handed over goes to where these were.
    The portal owns the copies, so that scripts cannot change them while they are read. Repeatable.
    Raises HelperError if the user cannot be reached, OSError if a copy cannot be written.
    """
    spec = folder.spec()
    if not spec.run_as or not spec.scratch_folder:
        return
    user = _user(spec.run_as)
    scratch = Path(spec.scratch_folder)
    for path, size_bytes in _files_below(user, scratch):
        target = _target(folder, spec, path)
        if target is None:
            continue
        if size_bytes > shutil.disk_usage(folder.path).free - _kept_free():
            logger.warning("not copied from %s, too little disk space: %s", scratch, path)
            continue
        _copy(user, scratch, path, target)
    record = folder.exit_record()
    if record is None or not record.background:
        user.remove_scratch(scratch)


def _target(folder: RunFolder, spec: Spec, path: str) -> Path | None:
    """Return where a file of the scratch folder goes in the run folder, None if it is not kept."""
    first, *rest = PurePosixPath(path).parts
    if first in {STORE, NOTEBOOK, TRAINER}:
        return folder.scratch / path
    if first != COPIES or len(rest) < 2 or not rest[0].isdecimal():
        return None
    number = int(rest[0])
    if number >= len(spec.inputs):
        return None
    place = Path(spec.inputs[number]).parent
    is_handed = place.is_relative_to(folder.path / HANDED_OVER)
    return place.joinpath(*rest[1:]) if is_handed else None


def _kept_free() -> int:
    return int(settings.GUARDIANFLOW_MIN_FREE_MIB) * MIB


def _copy(user: OtherUser, scratch: Path, path: str, target: Path) -> None:
    try:
        source = user.open(scratch, path)
    except HelperError:
        raise
    except OSError as error:  # deleted, or replaced by a link
        logger.warning("not copied from %s: %s: %s", scratch, path, error.strerror)
        return
    try:
        if _is_same(source, target):
            return
        copy(source, target, aside=target.with_name(".part"))
    except NotKeptError as error:
        logger.warning("not copied from %s: %s: %s", scratch, path, error)
    finally:
        os.close(source)


def _is_same(source: int, target: Path) -> bool:
    """Whether a file is at its place already: one that was handed over and left as it was."""
    try:
        with target.open("rb") as there, open(source, "rb", closefd=False) as new:
            if os.fstat(source).st_size != os.fstat(there.fileno()).st_size:
                return False
            return file_digest(new, "sha256").digest() == file_digest(there, "sha256").digest()
    except FileNotFoundError:
        return False
    finally:
        os.lseek(source, 0, os.SEEK_SET)


def _files_below(user: OtherUser, scratch: Path) -> Iterator[tuple[str, int]]:
    """Yield every regular file of a scratch folder with its size; raises HelperError."""
    open_folders = [""]
    while open_folders:
        folder = open_folders.pop()
        try:
            rows = user.entries(scratch, folder)
        except HelperError:
            raise
        except OSError:  # deleted, or a link
            continue
        for name, kind, size_bytes, *_times in rows:
            path = f"{folder}/{name}" if folder else name
            if kind == "d":
                open_folders.append(path)
            elif kind == "f":
                yield path, size_bytes
