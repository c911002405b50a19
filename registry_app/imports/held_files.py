"""Uploaded files between their preview and their confirmation, each for its owner alone.

They lie in a folder of the portal's home, readable by the portal's user, under names that only the
portal makes. What was not confirmed within a day is removed.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from registry_app.exceptions import StalePlanError

KEPT_S = 24 * 3600
_TOKEN = re.compile(r"[0-9a-f]{32}")


def hold(data: bytes) -> str:
    """Keep an uploaded file and return the token that finds it; forget those that are too old."""
    forget_old()
    token = secrets.token_hex(16)
    path = _folder() / token
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
    except OSError:
        path.unlink(missing_ok=True)  # half a file is none
        raise
    return token


def read(token: str) -> bytes:
    """Return the file of this token; raises StalePlanError if it is gone."""
    try:
        if _TOKEN.fullmatch(token):
            return (_folder() / token).read_bytes()
    except FileNotFoundError:
        pass
    raise StalePlanError(_("This preview is too old. Choose the file once more."))


def remove(token: str) -> None:
    """Remove the file of this token, if it is there."""
    if _TOKEN.fullmatch(token):
        (_folder() / token).unlink(missing_ok=True)


def forget_old() -> int:
    """Remove the files that were not confirmed within a day; return how many."""
    oldest = time.time() - KEPT_S
    removed = 0
    for path in _folder().iterdir():
        try:
            if path.stat().st_mtime < oldest:
                path.unlink()
                removed += 1
        except FileNotFoundError:
            continue  # confirmed, or removed by another process
    return removed


def _folder() -> Path:
    folder = Path(settings.SPOOL_DIR) / "registry-files"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
