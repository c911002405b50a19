"""The secret values of runs: one file per run, from when it is queued until its script ends.

Only the words of the command line that contain a secret are there; everything else that is stored
of a run has a mask in their places. The folder is on one machine and not in backups: a run is
started where it was queued. The supervisor reads the file in the process that becomes the script,
and removes it when the script ends. The change of the run's state removes it too. Every tick of a
worker removes what a crash has left.
"""

from __future__ import annotations

import logging
import os
import stat
import time
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from django.conf import settings

from runs_app.system.files import write_json

logger = logging.getLogger(__name__)

FOLDER = "secrets"
FORMAT = 1
# A file is written before its row is visible.
ORPHANED_AFTER_S = 600


def path_of(run: UUID) -> Path:
    """Return the path of the secret words of a run while it has not ended."""
    return folder() / str(run)


def folder() -> Path:
    return Path(settings.GUARDIANFLOW_HOME) / FOLDER


def keep(run: UUID, words: Mapping[int, str]) -> None:
    """Store the words by their index in the command line, only for this user; raise OSError."""
    folder().mkdir(mode=0o700, exist_ok=True)
    write_json(path_of(run), {"format": FORMAT, "words": {str(at): words[at] for at in words}})


def remove(run: UUID) -> None:
    """Remove the words of a run; where that fails the sweep of orphans tries again."""
    remove_file(str(run))


def remove_file(name: str) -> None:
    """Remove one file of the folder by its name."""
    try:
        (folder() / name).unlink(missing_ok=True)
    except OSError as error:
        logger.warning("secret values not removed run=%s error=%s", name, error.strerror)


def orphans(*, now: float | None = None) -> list[str]:
    """Return the names of files too old to belong to a run being queued; usually there are none."""
    now = time.time() if now is None else now
    try:
        with os.scandir(folder()) as entries:
            return sorted(
                entry.name
                for entry in entries
                if entry.is_file(follow_symlinks=False)
                and abs(now - entry.stat(follow_symlinks=False).st_mtime) > ORPHANED_AFTER_S
            )
    except FileNotFoundError:
        return []


def is_private() -> bool:
    """Whether neither the folder nor a file in it is readable by other users."""
    try:
        modes = [folder().stat().st_mode, *(path.stat().st_mode for path in folder().iterdir())]
    except FileNotFoundError:
        return True
    return not any(mode & (stat.S_IRWXG | stat.S_IRWXO) for mode in modes)
