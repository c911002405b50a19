"""Restore a backup: unpack and check all of it first, then move it into place by renaming.

Nothing is ever deleted: existing files are renamed and can be renamed back.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import database
from portal.backup import archive
from portal.backup import database as backup_database
from portal.backup import format as fmt
from portal.backup.format import BackupError, Manifest, Progress
from runs_app.system import locks
from runs_app.worker import parent

# Columns in which an MLflow store holds artifact locations.
_PLACES = {"artifact_location", "artifact_uri", "source", "storage_location"}


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What was restored, and the new names of what was there before."""

    manifest: Manifest
    set_aside: tuple[Path, ...]


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where a part of the archive belongs."""

    name: str
    target: Path

    @property
    def is_taken(self) -> bool:
        """Whether something is there that a user might miss."""
        if self.target.is_dir():
            return any(self.target.iterdir())
        return self.target.exists() and self.target.stat().st_size > 0


def occupied() -> list[Path]:
    """Return what already exists where the backup would go."""
    return [place.target for place in _places() if place.is_taken]


def restore(file: Path, *, force: bool = False, progress: Progress | None = None) -> Restored:
    """Restore the backup `file`; on BackupError nothing has changed.

    With `force`, existing files are set aside. The caller must also have stopped the web server;
    only a running worker is detected here.
    """
    home = Path(settings.GUARDIANFLOW_HOME)
    with locks.hold(home / parent.LOCK) as ours, locks.hold(home / database.LOCK, wait=True):
        if not ours:
            raise BackupError(
                _("A worker is running for {home}. Stop it, and the web server too.").format(
                    home=home
                )
            )
        if not force and (taken := occupied()):
            raise BackupError(
                _(
                    "There is data already: {taken}. With --force it is renamed, not deleted."
                ).format(taken=", ".join(map(str, taken)))
            )
        try:
            return _restore(file, home, progress or (lambda name, size_bytes: None))
        except (OSError, Error, sqlite3.Error) as error:
            raise BackupError(_("It was not restored: {reason}").format(reason=error)) from error


def _places() -> list[_Place]:
    places = [
        _Place(name=fmt.REGISTRY, target=Path(settings.GUARDIANFLOW_REGISTRY)),
        _Place(name=fmt.MLFLOW, target=Path(settings.MLFLOW_HOME)),
        _Place(name=fmt.RUNS, target=Path(settings.RUNS_DIR)),
    ]
    if connection.vendor == "sqlite":
        target = Path(connection.settings_dict["NAME"])
        places.append(_Place(name=fmt.SQLITE, target=target))
    return places


def _restore(file: Path, home: Path, progress: Progress) -> Restored:
    with tempfile.TemporaryDirectory(dir=home, prefix=".restore.") as aside:
        staged = Path(aside)
        for name in (fmt.RUNS, fmt.MLFLOW):
            (staged / name).mkdir(mode=0o700)
        manifest = archive.unpack(file, staged, progress=progress)
        _check_whole(file, staged)
        _check_fits(manifest)
        _lead_to_artifacts(staged / fmt.MLFLOW_STORE, manifest.artifacts)
        os.sync()
        connection.close()
        with contextlib.ExitStack() as undo:
            set_aside = tuple(_put(staged, undo))
            if connection.vendor != "sqlite":
                backup_database.load_postgresql(staged / fmt.POSTGRESQL)
            undo.pop_all()
    return Restored(manifest=manifest, set_aside=set_aside)


def _check_whole(file: Path, staged: Path) -> None:
    """Raise BackupError if a database was already corrupt when the backup was made."""
    for name in (fmt.SQLITE, fmt.MLFLOW_STORE):
        found = staged / name
        if found.exists() and (reason := backup_database.damage_of(found)):
            raise BackupError(
                _(
                    "{name} in {file} is corrupt ({reason}). Nothing was changed. Restore an "
                    "earlier backup."
                ).format(name=name, file=file, reason=reason)
            )


def _check_fits(manifest: Manifest) -> None:
    """Raise BackupError if this portal cannot use the contents of the archive."""
    if manifest.database != connection.vendor:
        raise BackupError(
            _(
                "The backup is of {theirs}, but DATABASE_URL names {ours}. Change DATABASE_URL."
            ).format(theirs=manifest.database, ours=connection.vendor)
        )
    known = MigrationLoader(None).disk_migrations
    own = [(app, name) for app, name in manifest.migrations if app in database.OWN_APPS]
    if any(migration not in known for migration in own):
        raise BackupError(
            _("The backup is of a newer version ({version}). Update the portal first.").format(
                version=manifest.version
            )
        )
    if connection.vendor != "sqlite" and connection.introspection.table_names():
        raise BackupError(
            _("The database that DATABASE_URL names has tables. Create an empty one for it.")
        )


def _lead_to_artifacts(store: Path, before: str) -> None:
    """Rewrite the store's artifact paths if the backup comes from another data directory."""
    now = str(settings.MLFLOW_ARTIFACTS)
    if not store.exists() or not before or before == now:
        return
    pairs = [(Path(before).as_uri(), Path(now).as_uri()), (before, now)]
    with contextlib.closing(sqlite3.connect(store)) as rows, rows:
        for table, column in list(_places_in(rows)):
            for old, new in pairs:
                rows.execute(
                    f'UPDATE "{table}" SET "{column}" = ? || substr("{column}", ?) '  # noqa: S608
                    f'WHERE "{column}" = ? OR substr("{column}", 1, ?) = ?',
                    (new, len(old) + 1, old, len(old) + 1, f"{old}/"),
                )


def _places_in(rows: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    for (table,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for column in rows.execute("SELECT name FROM pragma_table_info(?)", (table,)).fetchall():
            if column[0] in _PLACES:
                yield table, column[0]


def _put(staged: Path, undo: contextlib.ExitStack) -> Iterator[Path]:
    """Rename what is there, then move the new into its place; yield the new names of the old."""
    suffix = timezone.localtime().strftime(".before-restore-%Y%m%d-%H%M%S-%f")
    for place in _places():
        if place.target.exists():
            yield _set_aside(place.target, suffix, undo)
        if (staged / place.name).exists():
            place.target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _move(staged / place.name, place.target)
            undo.callback(shutil.move, place.target, staged / place.name)


def _set_aside(target: Path, suffix: str, undo: contextlib.ExitStack) -> Path:
    aside = target.with_name(target.name + suffix)
    # SQLite finds its journals by name.
    for end in ("", "-wal", "-shm"):
        before, after = Path(f"{target}{end}"), Path(f"{aside}{end}")
        if before.exists():
            before.rename(after)
            undo.callback(after.rename, before)
    return aside


def _move(source: Path, target: Path) -> None:
    """Rename, even to another disk: copy next to the target first, so that it appears at once."""
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".restore.") as folder:
            near = Path(folder) / target.name
            shutil.move(source, near)
            near.rename(target)
