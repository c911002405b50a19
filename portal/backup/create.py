"""Make a backup while the portal is running.

The order keeps the parts consistent: the database first, then MLflow's store, then run folders.
Everything that the database names is in the archive. The worker finds what is newer than the
database, as it does after a crash.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import database
from portal.backup import database as backup_database
from portal.backup import format as fmt
from portal.backup.format import BackupError, Manifest, Member, Progress

# Weights hardly compress; logs do at any level.
_COMPRESSION = 3
_MODES = {".tar.gz": "w:gz", ".tgz": "w:gz", ".tar": "w"}


def backup(file: Path, *, progress: Progress | None = None) -> Manifest:
    """Write a backup to `file` (0600), complete or not at all; raises BackupError.

    An existing file is replaced once the new one is complete.
    """
    file = Path(os.path.abspath(file))
    mode = _mode(file)
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=f".{file.name}.") as aside:
            made = Path(aside) / file.name
            with made.open("xb") as output:
                os.chmod(made, 0o600)
                manifest = _write(output, mode, Path(aside), progress or _silent)
                output.flush()
                os.fsync(output.fileno())
            os.replace(made, file)
        _sync_folder(file.parent)
    except (OSError, tarfile.TarError, Error) as error:
        if backup_database.is_damage(error.__cause__):
            source = Path(connection.settings_dict["NAME"])
            raise backup_database.damaged(source, str(error)) from error
        raise BackupError(_("No backup was made: {reason}").format(reason=error)) from error
    return manifest


def _silent(name: str, size_bytes: int) -> None:
    """Report no progress."""


def _mode(file: Path) -> str:
    """Return the tarfile mode for the archive; raises BackupError for an unusable path."""
    for folder in [settings.RUNS_DIR, settings.MLFLOW_HOME, *settings.GUARDIANFLOW_ROOTS]:
        if Path(os.path.realpath(file)).is_relative_to(os.path.realpath(folder)):
            raise BackupError(
                _("{file} is inside {folder}. Choose another place.").format(
                    file=file, folder=folder
                )
            )
    for suffix, mode in _MODES.items():
        if file.name.endswith(suffix):
            return mode
    raise BackupError(
        _("Unknown file format: {file}. Its name must end with {suffixes}.").format(
            file=file, suffixes=", ".join(_MODES)
        )
    )


def _write(output: BinaryIO, mode: str, aside: Path, progress: Progress) -> Manifest:
    level = {"compresslevel": _COMPRESSION} if mode.endswith("gz") else {}
    # mypy accepts only literal modes.
    with tarfile.open(fileobj=output, mode=mode, format=tarfile.PAX_FORMAT, **level) as tar:  # type: ignore[call-overload]
        writer = _Writer(tar, progress)
        migrations = sorted(database.applied()) if _has_database() else []
        if trouble := database.newer(set(migrations)):
            raise BackupError(" ".join(trouble))
        if not migrations:
            raise BackupError(_("There is nothing to back up: the portal was never used here."))
        kind = _add_database(writer, aside)
        # It may be a link into a repository.
        writer.add_file(Path(os.path.realpath(settings.GUARDIANFLOW_REGISTRY)), fmt.REGISTRY)
        artifacts = _add_mlflow(writer, aside)
        writer.add_folder(Path(settings.RUNS_DIR), fmt.RUNS)
        manifest = Manifest(
            format=fmt.LINKED if writer.has_links else fmt.FORMAT,
            version=metadata.version("guardianflow-portal"),
            made_at=timezone.localtime().isoformat(timespec="seconds"),
            host=settings.GUARDIANFLOW_HOST,
            database=kind,
            migrations=migrations,
            artifacts=artifacts,
            left_out=writer.skipped,
            members=writer.members,
        )
        writer.add_manifest(manifest)
    return manifest


def _has_database() -> bool:
    """Whether there is a database; SQLite itself would create the file."""
    return connection.vendor != "sqlite" or Path(connection.settings_dict["NAME"]).exists()


def _add_database(writer: _Writer, aside: Path) -> str:
    if connection.vendor == "sqlite":
        copy, name = aside / "copy.sqlite3", fmt.SQLITE
        backup_database.copy_sqlite(Path(connection.settings_dict["NAME"]), copy)
    else:
        copy, name = aside / "copy.pgdump", fmt.POSTGRESQL
        backup_database.dump_postgresql(copy)
    writer.add_file(copy, name)
    copy.unlink()
    return connection.vendor


def _add_mlflow(writer: _Writer, aside: Path) -> str:
    """Add the embedded store; return its artifact folder, empty if there is none."""
    if not settings.MLFLOW_IS_EMBEDDED or not fmt.mlflow_store().exists():
        return ""
    copy = aside / "mlflow.sqlite3"
    backup_database.copy_sqlite(fmt.mlflow_store(), copy)
    writer.add_file(copy, fmt.MLFLOW_STORE)
    copy.unlink()
    writer.add_folder(Path(settings.MLFLOW_ARTIFACTS), fmt.MLFLOW_ARTIFACTS)
    return str(settings.MLFLOW_ARTIFACTS)


class _Hashed:
    """A file that is hashed while it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._digest.update(data)
        return data

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


class _Writer:
    """Adds plain files to the archive and remembers their hashes."""

    def __init__(self, tar: tarfile.TarFile, progress: Progress) -> None:
        self.members: dict[str, Member] = {}
        self.skipped: list[str] = []
        self.has_links = False
        # Of files with several names, the first of them in the archive.
        self._first: dict[tuple[int, int], str] = {}
        self._tar = tar
        self._progress = progress

    def add_folder(self, folder: Path, name: str) -> None:
        """Add everything below `folder`; skip files that are deleted meanwhile."""
        for entry in _entries(folder):
            inside = f"{name}/{os.path.relpath(entry.path, folder)}"
            if entry.is_dir(follow_symlinks=False):
                member = tarfile.TarInfo(inside)
                member.type, member.mode = tarfile.DIRTYPE, 0o700
                self._tar.addfile(member)
            elif entry.is_file(follow_symlinks=False):
                self.add_file(Path(entry.path), inside)
            else:
                self.skipped.append(inside)

    def add_file(self, path: Path, name: str) -> None:
        """Add a file up to its present length: a log may still grow."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        with os.fdopen(descriptor, "rb") as file:
            facts = os.fstat(file.fileno())
            if facts.st_nlink > 1 and self._add_link(name, (facts.st_dev, facts.st_ino), facts):
                return
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.mode = facts.st_size, facts.st_mtime, 0o600
            hashed = _Hashed(file)
            self._tar.addfile(member, hashed)
        self.members[name] = Member(size_bytes=member.size, sha256=hashed.hexdigest())
        self._progress(name, member.size)

    def _add_link(self, name: str, inode: tuple[int, int], facts: os.stat_result) -> bool:
        """Add a second name of a file that is in the archive; return whether it is."""
        first = self._first.setdefault(inode, name)
        if first == name or self.members[first].size_bytes != facts.st_size:
            return False
        member = tarfile.TarInfo(name)
        member.type, member.linkname, member.mode = tarfile.LNKTYPE, first, 0o600
        self._tar.addfile(member)
        self.members[name] = self.members[first]
        self.has_links = True
        self._progress(name, 0)
        return True

    def add_manifest(self, manifest: Manifest) -> None:
        text = manifest.dump()
        member = tarfile.TarInfo(fmt.MANIFEST)
        member.size, member.mode = len(text), 0o600
        self._tar.addfile(member, io.BytesIO(text))


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Yield everything below `folder` in a fixed order, a folder before its contents."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    for entry in entries:
        yield entry
        if entry.is_dir(follow_symlinks=False):
            yield from _entries(Path(entry.path))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
