"""Copies the MLflow runs that a script saved in a store of its own inside its directory.

A script that names a store (`set_tracking_uri("file:./mlruns")`, `sqlite:///mlflow.db`) bypasses
the private store. What it wrote there during its run is copied into the run folder in the layout
of a file store, and sent to MLflow from there like any child run.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath

from runs_app.records import own_database
from runs_app.records.epoch import milliseconds
from runs_app.runner.folder import RunFolder
from runs_app.runner.outputs.copying import NotKeptError, copy, opened
from runs_app.runner.outputs.snapshot import DELETED, FileDelta

logger = logging.getLogger(__name__)

MAX_STORES = 8
MAX_BYTES = 2**30
_META_BYTES = 2**14
_RUN_ID = re.compile(rb"^run_(?:id|uuid): *['\"]?[0-9a-f]{32}['\"]?\s*$", re.MULTILINE)
_DATABASES = (".db", ".sqlite", ".sqlite3")


@dataclass
class _Copier:
    """Copies files of the directory into one folder, up to a limit for their total size."""

    directory: Path
    target: Path
    until_ns: int | None = None
    left_bytes: int = MAX_BYTES
    copied: set[str] = field(default_factory=set)

    def add(self, delta: FileDelta, place: PurePosixPath) -> None:
        target = self.target / place
        if target.is_file() and not target.is_symlink():
            self.copied.add(delta.path)
            return
        if delta.size_bytes > self.left_bytes:
            return
        with (
            suppress(NotKeptError),
            opened(self.directory, delta.path, until_ns=self.until_ns, seen=delta.seen) as source,
        ):
            aside = self.target.with_name(f"{self.target.name}.part")
            self.left_bytes -= copy(source, target, aside=aside)
            self.copied.add(delta.path)


def keep(
    directory: Path,
    deltas: Sequence[FileDelta],
    folder: RunFolder,
    *,
    started_at: datetime | None,
    finished_at: datetime | None,
    until_ns: int | None = None,
) -> frozenset[str]:
    """Copy the runs of the script's own stores; return the paths of the files they consist of.

    With `until_ns` files that were changed after that time are left out. Repeatable. Raises OSError
    if a copy cannot be written.
    """
    if started_at is None or finished_at is None:
        return frozenset()
    here = {delta.path: delta for delta in deltas if delta.change != DELETED}
    stores = sorted(_file_stores(directory, here, until_ns))[:MAX_STORES]
    copied: set[str] = set()
    for number, store in enumerate(stores):
        copier = _Copier(directory, folder.own_stores / str(number), until_ns)
        for path, delta in here.items():
            inside = _inside(path, store)
            if inside is not None:
                copier.add(delta, inside)
        copied |= copier.copied
    span = (milliseconds(started_at), milliseconds(finished_at))
    for path in [path for path in here if path.lower().endswith(_DATABASES)][:MAX_STORES]:
        name = re.sub(r"[^\w.-]", "_", path)[-80:]
        target = folder.own_stores / f"db-{name}"
        copied |= _database(directory, here, path, target, span=span, until_ns=until_ns)
    return frozenset(copied)


def _file_stores(directory: Path, here: Mapping[str, FileDelta], until_ns: int | None) -> set[str]:
    """Return the paths of the folders in which EXPERIMENT/RUN/meta.yaml was written."""
    found: set[str] = set()
    for path, delta in here.items():
        parts = path.split("/")
        if parts[-1] == "meta.yaml" and len(parts) >= 4 and _is_run(directory, delta, until_ns):
            found.add("/".join(parts[:-3]))
    return found


def _is_run(directory: Path, delta: FileDelta, until_ns: int | None) -> bool:
    try:
        with opened(directory, delta.path, until_ns=until_ns, seen=delta.seen) as source:
            return _RUN_ID.search(os.pread(source, _META_BYTES, 0)) is not None
    except NotKeptError:
        return False


def _inside(path: str, store: str) -> PurePosixPath | None:
    return PurePosixPath(path[len(store) + 1 :]) if path.startswith(f"{store}/") else None


def _database(
    directory: Path,
    here: dict[str, FileDelta],
    path: str,
    target: Path,
    *,
    span: tuple[int, int],
    until_ns: int | None,
) -> set[str]:
    """Write the runs of a database as a file store; return the artifacts that were copied.

    Later runs may have been added to the database: only those of `span` are read.
    """
    aside = target.with_name(f"{target.name}.sqlite3")
    copier = _Copier(directory, aside.parent)
    for suffix in ("", "-wal"):
        if path + suffix in here:
            copier.add(here[path + suffix], PurePosixPath(aside.name + suffix))
    if path not in copier.copied:
        return set()
    try:
        runs = own_database.write(aside, target, began_ms=span[0], ended_ms=span[1])
    finally:
        for suffix in ("", "-wal", "-shm"):
            aside.with_name(aside.name + suffix).unlink(missing_ok=True)
    artifacts = _Copier(directory, target, until_ns)
    for run in runs:
        for delta, inside in _artifacts(directory, here, path, run.artifacts):
            artifacts.add(delta, PurePosixPath(run.place, "artifacts", inside))
    return artifacts.copied


def _artifacts(
    directory: Path, here: dict[str, FileDelta], database: str, uri: str
) -> Iterator[tuple[FileDelta, PurePosixPath]]:
    """Yield the files of a run's artifacts that are in the directory."""
    written = uri.removeprefix("file://").removeprefix("file:")
    place = os.path.normpath(os.path.join(directory, written))
    root = os.path.relpath(os.path.realpath(place), os.path.realpath(directory))
    if "://" in written or root.startswith(".."):
        return
    for path, delta in here.items():
        inside = _inside(path, root)
        if inside is not None and path != database:
            yield delta, inside
