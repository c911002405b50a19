"""Uploaded files between their preview and their confirmation, each for its owner alone.

They are in a folder of the data directory, readable by the portal's user, under generated names.
Files that are not confirmed within a day are removed.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from pathlib import Path

from django.conf import settings

from registry_app.exceptions import StalePlanError
from registry_app.texts.changes import PREVIEW_OLD

KEPT_S = 24 * 3600
_TOKEN = re.compile(r"[0-9a-f]{32}")


def hold(data: bytes) -> str:
    """Store an uploaded file and return its token; remove files that are too old."""
    forget_old()
    token = secrets.token_hex(16)
    path = _folder() / token
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
    except OSError:
        path.unlink(missing_ok=True)  # remove an incomplete file
        raise
    return token


def read(token: str) -> bytes:
    """Return the file of this token; raises StalePlanError if it is gone."""
    try:
        if _TOKEN.fullmatch(token):
            return (_folder() / token).read_bytes()
    except FileNotFoundError:
        pass
    raise StalePlanError(PREVIEW_OLD())


def remove(token: str) -> None:
    """Remove the file of this token, if it is there."""
    if _TOKEN.fullmatch(token):
        (_folder() / token).unlink(missing_ok=True)


def forget_old() -> int:
    """Remove the files that were not confirmed within a day; return how many.

    A file from more than a day in the future was stored before the clock was put back, and its age
    is unknown: it would else stay until the clock has caught up.
    """
    now = time.time()
    removed = 0
    for path in _folder().iterdir():
        try:
            if abs(now - path.stat().st_mtime) > KEPT_S:
                path.unlink()
                removed += 1
        except FileNotFoundError:
            continue  # confirmed, or removed by another process
    return removed


def _folder() -> Path:
    folder = Path(settings.SPOOL_DIR) / "registry-files"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
