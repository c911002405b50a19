"""What the fence around a script allows, by the settings; `runner.isolation` enforces it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from registry_app.files.core_scripts import copies_folder
from runs_app.models import Run
from runs_app.runner.folder import RunFolder
from runs_app.runner.isolation.fence import (
    OFF,
    PORTAL,
    STRICT,
    hindrance,
    is_inside,
    supported_level,
)
from runs_app.runner.other_user import current

# Any program may leave files here. Files of the portal in one of these cannot be fenced.
OPEN_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108
# Folders in the user's home that libraries create for themselves and require.
_CACHES = ("~/.cache", "~/.ipython", "~/.keras", "~/.nv", "~/.triton")
_EXPECTED = (*_CACHES, "~/.config", "~/.local/share")
# Shared folders are not opened as a whole: ~/.config also holds files of systemd and git.
_OWN_FOLDERS = (
    *("~/.config/Ultralytics", "~/.config/matplotlib", "~/.config/mlflow", "~/.config/wandb"),
    "~/.local/share/jupyter",
)
# Below a run folder: copies of files that earlier steps of a chain handed over.
HANDED_OVER = "inputs"
_SQLITE_FILES = ("", "-wal", "-shm", "-journal")


def fence_of(run: Run, folder: RunFolder) -> dict[str, Any]:
    """Return the fence for the script of a run, as `fence.restrict` takes it; {} for none."""
    return script_fence(
        Path(run.cwd), argv=run.argv, writes=_own_folders(folder), signals=run.background
    )


def _own_folders(folder: RunFolder) -> list[Path]:
    """Return the folders of the portal that the script of a run writes to.

    Exporters write beside the files that earlier steps of a chain handed over.
    """
    handed = folder.path / HANDED_OVER
    return [folder.scratch, *([handed] if handed.is_dir() else [])]


def script_fence(
    directory: Path,
    *,
    argv: Sequence[str] = (),
    writes: Iterable[Path] = (),
    signals: bool = False,
) -> dict[str, Any]:
    """Return the fence for a script of a directory, as `fence.restrict` takes it; {} for none.

    `writes` are folders of the portal that this script writes to. With `signals` it may signal
    processes outside the fence, such as those an earlier run left in the background.
    """
    mode = settings.GUARDIANFLOW_FENCE
    if mode == OFF:
        return {}
    roots = list(_roots())
    place = os.path.realpath(directory)
    own = [place] if any(is_inside(place, root) for root in roots) else []
    return _around(mode) | {
        "open": open_folders(),
        "create": list(_EXPECTED if mode == PORTAL else (*_EXPECTED, *_OWN_FOLDERS)),
        "write": list(_written(place)) if mode == STRICT else [],
        "own": [*(own if mode == STRICT else roots), *map(os.path.realpath, writes)],
        "read": [*roots, *_python(), *kept_outputs(argv), *core_copies(argv)],
        "signals": signals,
    }


def open_folders() -> list[str]:
    """Return the folders in which every script can create files."""
    return [*OPEN_FOLDERS, *filter(os.path.isabs, [os.environ.get("TMPDIR", "")])]


def isolation_here() -> dict[str, Any]:
    """Return how scripts of this machine are isolated, as `isolation.isolation_of` does."""
    level = supported_level()
    wanted = script_fence(Path("/"))
    reason, path = hindrance(wanted, level) if wanted else ("", "")
    mode = wanted["mode"] if wanted and not reason else OFF
    user = current()
    return {
        "run_as": user.name if user else "",
        "by": user.way if user else "",
        "fence": mode,
        "abi": level,
        "reason": reason,
        "path": path,
    }


def fence_of_question() -> dict[str, Any]:
    """Return the fence for an interpreter that is only queried: it writes nothing."""
    if settings.GUARDIANFLOW_FENCE == OFF:
        return {}
    return _around(STRICT) | {"write": ["/dev"], "read": [*_roots(), *_python()]}


def kept_outputs(words: Iterable[str]) -> Iterator[str]:
    """Yield the paths in the words of a command that lead to saved outputs of a run."""
    runs = os.path.realpath(settings.RUNS_DIR)
    artifacts = os.path.realpath(settings.MLFLOW_ARTIFACTS)
    for word in words:
        path = os.path.realpath(word.rpartition("=")[2])
        inside = Path(path).parts[len(Path(runs).parts) :] if is_inside(path, runs) else ()
        is_kept = inside[1:2] in {("outputs",), ("executed.ipynb",), (HANDED_OVER,)}
        if is_kept or is_inside(path, artifacts):
            yield path


def handed_over(words: Iterable[str]) -> Iterator[str]:
    """Yield the paths in the words of a command that earlier steps of a chain handed over."""
    depth = len(Path(os.path.realpath(settings.RUNS_DIR)).parts)
    for path in kept_outputs(words):
        if Path(path).parts[depth + 1 : depth + 2] == (HANDED_OVER,):
            yield path


def core_copies(words: Iterable[str]) -> Iterator[str]:
    """Yield the copies of trainers of the core repository that a command starts."""
    copies = os.path.realpath(copies_folder())
    for word in words:
        path = os.path.realpath(word) if os.path.isabs(word) else ""
        if path and path != copies and is_inside(path, copies):
            yield os.path.join(copies, os.path.relpath(path, copies).split(os.sep)[0])


def _around(mode: str) -> dict[str, Any]:
    return {"mode": mode, "hide": list(_hidden()), "protect": list(_protected())}


def open_core_paths() -> Iterator[str]:
    """Yield the credentials and the local remote of the core repository that no fence covers.

    They are where scripts must be able to create files: in a folder for all users, or in a root.
    """
    yield from (path for path in (_credentials(), _local_remote()) if _is_writable_place(path))


def _hidden() -> Iterator[str]:
    """Yield the data directory, and databases and credentials of the portal elsewhere."""
    home = os.path.realpath(settings.GUARDIANFLOW_HOME)
    yield home
    for file in (_database_file(), _mlflow_file()):
        if file and not is_inside(os.path.realpath(file), home):
            yield from (os.path.realpath(file) + suffix for suffix in _SQLITE_FILES)
    yield from _coverable(_credentials(), home)


def _protected() -> Iterator[str]:
    """Yield the portal's code and its environment, and the core repository's local remote.

    The remote's hooks run as the portal's user.
    """
    yield os.path.realpath(settings.BASE_DIR)
    yield os.path.realpath(sys.prefix)
    yield from _coverable(_local_remote(), os.path.realpath(settings.GUARDIANFLOW_HOME))


def _coverable(path: str, home: str) -> Iterator[str]:
    """Yield a path of the core repository unless it is hidden already, or cannot be covered."""
    if path and not is_inside(path, home) and not _is_writable_place(path):
        yield path


def _is_writable_place(path: str) -> bool:
    """Return whether the folder of a path must stay writable: nothing in it can be covered then."""
    folders = [*open_folders(), *map(str, settings.GUARDIANFLOW_ROOTS)]
    home = os.path.realpath(settings.GUARDIANFLOW_HOME)
    return bool(path) and any(
        is_inside(path, os.path.realpath(folder)) and not is_inside(path, home)
        for folder in folders
    )


def _credentials() -> str:
    file = settings.GUARDIANFLOW_CORE_CREDENTIALS_FILE
    return os.path.realpath(file) if file else ""


def _local_remote() -> str:
    path = settings.GUARDIANFLOW_CORE_URL.removeprefix("file://")
    return os.path.realpath(path) if os.path.isabs(path) else ""


def _database_file() -> str:
    is_file = connection.vendor == "sqlite"
    return str(connection.settings_dict["NAME"]) if is_file else ""


def _mlflow_file() -> str:
    scheme, _, path = str(settings.MLFLOW_TRACKING_URI).partition(":///")
    return f"/{path.lstrip('/')}" if scheme == "sqlite" else ""


def _roots() -> Iterator[str]:
    """Yield the roots inside hidden or protected folders, such as the demo's."""
    yield from filter(_is_closed_off, map(os.path.realpath, settings.GUARDIANFLOW_ROOTS))


def _python() -> Iterator[str]:
    """Yield the environment of the Python for scripts, if it is in the data directory."""
    environment = os.path.realpath(Path(settings.GUARDIANFLOW_PYTHON).parent.parent)
    if any(is_inside(environment, folder) and environment != folder for folder in _hidden()):
        yield environment


def _is_closed_off(path: str) -> bool:
    return any(is_inside(path, folder) for folder in (*_hidden(), *_protected()))


def _written(directory: str) -> Iterator[str]:
    """Yield the folders that scripts of a directory may write to under `strict`."""
    yield from ("/dev", directory, *_CACHES, *_OWN_FOLDERS)
    yield from map(str, settings.GUARDIANFLOW_FENCE_WRITE)
