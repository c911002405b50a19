"""Where scenarios and pipelines are read from: the core repository, or a folder at hand."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from registry_app.messages import message_of
from registry_app.sync.chosen import is_core
from registry_app.sync.errors import SyncError
from registry_app.sync.git.files import files_of
from registry_app.sync.git.folders import MAX_BYTES, SET_FOLDERS, SUFFIXES
from runs_app.exceptions import RefusedError
from runs_app.texts import set_files as texts

SCENARIO, PIPELINES = SET_FOLDERS


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """A file that defines a run set; `commit` is '' for one in a folder."""

    path: str
    data: bytes
    commit: str = ""

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).stem

    @property
    def is_of_core(self) -> bool:
        """Whether it comes from the core repository, and not from a folder named in a shell."""
        return bool(self.commit)

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def source_files(folder: str, *, base: Path | None = None) -> list[SourceFile]:
    """Return the files of `scenario` or `pipelines`, by name.

    They are those of the core repository's synced commit; with `base`, those below that folder.
    Raises RefusedError if they cannot be read.
    """
    if base is not None:
        return _at_hand(base, folder)
    if not is_core():
        return []
    try:
        rows = files_of(folder)
    except SyncError as error:
        raise RefusedError(message_of(error)) from error
    return [SourceFile(path=row.path, data=row.data, commit=row.commit) for row in rows]


def source_file(folder: str, name: str, *, base: Path | None = None) -> SourceFile:
    """Return one file by its name with or without folder and suffix; raises RefusedError."""
    files = source_files(folder, base=base)
    for file in files:
        if name in {file.name, file.path, PurePosixPath(file.path).name}:
            return file
    if base is None and not is_core():
        raise RefusedError(texts.NO_CORE(folder=folder))
    names = [file.name for file in files]
    raise RefusedError(texts.NO_FILE(folder=folder, name=name, names=names or ["–"]))


def _at_hand(base: Path, folder: str) -> list[SourceFile]:
    place = base / folder if (base / folder).is_dir() else base
    try:
        paths = sorted(path for path in place.iterdir() if path.suffix in SUFFIXES)
        return [
            SourceFile(path=str(path), data=path.read_bytes())
            for path in paths
            if path.is_file() and path.stat().st_size <= MAX_BYTES
        ]
    except OSError as error:
        raise RefusedError(texts.UNREADABLE(path=place, reason=error.strerror or "")) from error
