"""Detect a full disk behind an error: SQLite reports an I/O error, or a file it cannot open.

Every part of the portal that handles an error of a disk or a database asks here first.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.db import connection

from registry_app.messages import PLAIN, Message, Value
from registry_app.reading import message_text
from registry_app.texts import disks as texts

# The space that SQLite needs to open a database, for its journals and their index.
LITTLE_BYTES = 2**20
_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
# SQLite's messages that may also have other causes.
_PERHAPS = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY})
_POSTGRESQL_DISK_FULL = "53100"


def trouble(error: BaseException | None) -> tuple[str, str] | None:
    """Return the problem and its fix if an error was caused by a full disk, else None."""
    full = _full_disk(error)
    return None if full is None else (message_text(full), message_text(_fix(full)))


def explained(error: BaseException, message: Message) -> Message:
    """Return the message of `error`, with the full disk instead of the system's text."""
    full = _full_disk(error)
    if full is None:
        return message
    sentence = texts.IN_A_ROW(first=full, second=_fix(full))
    known = [
        words
        for cause in _causes(error)
        for words in (str(cause), getattr(cause, "strerror", None) or "")
        if words and words != str(message)
    ]
    values = {name: _replaced(value, known, sentence) for name, value in message.values.items()}
    if message.code == PLAIN:  # its one value is a sentence, and cannot be a message itself
        [value] = values.values()
        return (
            value if isinstance(value, Message) else texts.IN_A_ROW(first=message, second=sentence)
        )
    if values != dict(message.values):
        return replace(message, values=values)
    return texts.IN_A_ROW(first=message, second=sentence)


def _replaced(value: Value, known: Sequence[str], sentence: Message) -> Value:
    """Return the sentence if a value is the system's text of the error; else the value."""
    words = next((phrase for phrase in known if isinstance(value, str) and phrase in value), "")
    if not words or not isinstance(value, str):
        return value
    before = value.partition(words)[0].strip()
    return texts.IN_A_ROW(first=before, second=sentence) if before else sentence


def _full_disk(error: BaseException | None) -> Message | None:
    for cause in _causes(error):
        if getattr(cause, "sqlstate", None) == _POSTGRESQL_DISK_FULL:
            return texts.DATABASE_DISK_FULL()
        if (place := _place(cause)) is not None:
            if count := _most_files(place):
                return texts.NO_MORE_FILES(path=place, count=f"{count:,}")
            free = f"{_free_bytes(place) / 2**20:.1f}"
            return texts.DISK_FULL(free=free, path=place)
    return None


def _fix(full: Message) -> Message:
    is_of_files = full.code == texts.NO_MORE_FILES.code
    return texts.REMOVE_FILES() if is_of_files else texts.FREE_SPACE()


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _place(error: BaseException) -> Path | None:
    """Return the folder on the full disk that an error refers to."""
    if isinstance(error, OSError) and error.errno in _DISK_FULL:
        return _folder_of(error.filename)
    if not isinstance(error, sqlite3.Error):
        return None
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code != sqlite3.SQLITE_FULL and code not in _PERHAPS:
        return None
    places = _places_of_sqlite()
    full = next((place for place in places if _is_full(place)), None)
    return places[0] if full is None and code == sqlite3.SQLITE_FULL else full


def _folder_of(name: object) -> Path:
    """Return the nearest existing folder of a file's path; the data directory without a path."""
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


def _is_full(folder: Path) -> bool:
    return _free_bytes(folder) < LITTLE_BYTES or _most_files(folder) > 0


def _most_files(folder: Path) -> int:
    """Return how many files a disk can hold if it holds as many, and has free space; else 0."""
    facts = os.statvfs(folder)
    if facts.f_favail or _free_bytes(folder) < LITTLE_BYTES:
        return 0
    return facts.f_files  # 0 where there is no limit, as on Btrfs


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free
