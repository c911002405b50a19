"""Tells a full disk by what it does: SQLite calls it an I/O error, or a file that cannot be opened.

Every part of the portal that meets an error of a disk or a database asks here first.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

# What SQLite needs to open a database at all, its journals and their index among it.
LITTLE_BYTES = 2**20
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
# What SQLite says where it may as well be something else.
_PERHAPS = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY})
_POSTGRESQL_DISK_FULL = "53100"


def trouble(error: BaseException | None) -> tuple[str, str] | None:
    """Return what is wrong and what to do where an error came of a full disk, else None."""
    for cause in _causes(error):
        if getattr(cause, "sqlstate", None) == _POSTGRESQL_DISK_FULL:
            return (
                _("The disk of the database server is full."),
                _("Make room there, then try again."),
            )
        if (place := _place(cause)) is not None:
            free = _("The disk is full: {free:.1f} MiB are free for {path}.").format(
                free=_free_bytes(place) / 2**20, path=place
            )
            return free, _("Make room there, then try again.")
    return None


def explained(error: BaseException, text: str) -> str:
    """Return `text`, which tells of `error`, with the full disk in place of the system's words."""
    found = trouble(error)
    if found is None:
        return text
    sentence = " ".join(found)
    for cause in _causes(error):
        for words in (str(cause), getattr(cause, "strerror", None) or ""):
            if words and words != text and words in text:
                return text.replace(words, sentence)
    return f"{text} {sentence}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _place(error: BaseException) -> Path | None:
    """Return the folder on the full disk that an error speaks of."""
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return _folder_of(error.filename)
    if not isinstance(error, sqlite3.Error):
        return None
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code != sqlite3.SQLITE_FULL and code not in _PERHAPS:
        return None
    places = _places_of_sqlite()
    full = next((place for place in places if _free_bytes(place) < LITTLE_BYTES), None)
    return places[0] if full is None and code == sqlite3.SQLITE_FULL else full


def _folder_of(name: object) -> Path:
    """Return the folder that is there of a file's path; the home where the error names none."""
    if not isinstance(name, str | bytes):
        return Path(settings.GUARDIANFLOW_HOME)
    path = Path(os.path.abspath(os.fsdecode(name)))
    return next(parent for parent in [path, *path.parents] if parent.is_dir())


def _places_of_sqlite() -> list[Path]:
    home = Path(settings.GUARDIANFLOW_HOME)
    own = [home, Path(settings.MLFLOW_HOME), Path(tempfile.gettempdir())]
    if connection.vendor == "sqlite":
        own.insert(0, Path(connection.settings_dict["NAME"]).parent)
    return [place for place in own if place.is_dir()] or [Path("/")]


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free
