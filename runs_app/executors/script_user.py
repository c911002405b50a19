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
from pathlib import Path, PurePosixPath

from django.conf import settings

from registry_app.messages import Message
from runs_app.executors.fencing import core_copies, kept_outputs
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
        inputs=tuple(_kept_files(spec.argv)),
    )
    return as_user, {**environment, **changed}


def _kept_files(argv: Iterable[str]) -> Iterator[str]:
    """Yield the files in the data directory that a command names: other users cannot open them."""
    for word in argv:
        path = word.rpartition("=")[2]
        if os.path.isfile(path) and any(kept_outputs([word])):
            yield path
        if any(core_copies([word])):  # a trainer imports the files next to it
            beside = sorted(str(file) for file in Path(word).parent.iterdir() if file.is_file())
            yield from [word, *(file for file in beside if file != word)]


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

    The portal owns the copies, so that scripts cannot change them while they are read. Repeatable.
    Raises HelperError if the user cannot be reached, OSError if a copy cannot be written.
    """
    spec = folder.spec()
    if not spec.run_as or not spec.scratch_folder:
        return
    user = _user(spec.run_as)
    scratch = Path(spec.scratch_folder)
    for path, size_bytes in _files_below(user, scratch):
        if PurePosixPath(path).parts[0] not in {STORE, NOTEBOOK, TRAINER}:
            continue
        if size_bytes > shutil.disk_usage(folder.path).free - _kept_free():
            logger.warning("not copied from %s, too little disk space: %s", scratch, path)
            continue
        _copy(user, scratch, path, folder.scratch / path)
    record = folder.exit_record()
    if record is None or not record.background:
        user.remove_scratch(scratch)


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
        copy(source, target, aside=target.with_name(f"{target.name}.part"))
    except NotKeptError as error:
        logger.warning("not copied from %s: %s: %s", scratch, path, error)
    finally:
        os.close(source)


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
