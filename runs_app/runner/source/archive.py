"""Keeps the source of what ran: hashes of all source files, and the small ones in an archive."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from runs_app.runner.outputs.copying import CHUNK_BYTES, NotKeptError, created, opened, read_still
from runs_app.runner.outputs.keeping import as_text
from runs_app.runner.outputs.snapshot import Fingerprint, Manifest
from runs_app.runner.source.files import is_source

ARCHIVE = "source.tar.gz"
LARGEST_BYTES = 2**20
MOST_BYTES = 64 * 2**20
MOST_FILES = 5000
# Text compresses well enough at once, and a run is about to start.
LEVEL = 1


@dataclass(kw_only=True)
class SourceFiles:
    """SHA-256 of source files by path; `skipped` says why others are not in the archive."""

    sha256: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    archived_bytes: int = 0


def archive_source(directory: Path, manifest: Manifest, archive: Path) -> SourceFiles:
    """Archive the source files that `manifest` names, aside and renamed.

    A file that is no longer what the manifest says is kept as it is now, and said to be so.
    Raises OSError where the archive cannot be written.
    """
    found = SourceFiles()
    aside = archive.with_name(f"{archive.name}.part")
    try:
        with (
            created(aside) as out,
            tarfile.open(
                fileobj=out, mode="w:gz", compresslevel=LEVEL, format=tarfile.GNU_FORMAT
            ) as tar,
        ):
            for path, seen in _sources(manifest, found):
                try:
                    _add(tar, directory, path, seen, found)
                except NotKeptError as error:
                    found.skipped[path] = str(error)
        os.replace(aside, archive)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    return found


def hash_of(directory: Path, path: str) -> str:
    """Return the SHA-256 of a file as it is now, '' where it cannot be read."""
    try:
        with opened(directory, path) as source:
            return _hashed(source)
    except (NotKeptError, OSError):
        return ""


def _sources(manifest: Manifest, found: SourceFiles) -> Iterator[tuple[str, Fingerprint]]:
    paths = sorted(filter(is_source, manifest.files), key=lambda path: (path.count("/"), path))
    for path in paths[MOST_FILES:]:
        found.skipped[path] = f"more than {MOST_FILES} files"
    for path in paths[:MOST_FILES]:
        yield path, manifest.files[path]


def _add(
    tar: tarfile.TarFile, directory: Path, path: str, seen: Fingerprint, found: SourceFiles
) -> None:
    with opened(directory, path) as source:
        size_bytes = os.fstat(source).st_size
        if size_bytes > LARGEST_BYTES or found.archived_bytes + size_bytes > MOST_BYTES:
            found.sha256[path] = _hashed(source)
            found.skipped[path] = "too large for the archive"
            return
        data, facts = read_still(source)
    if (facts.st_size, facts.st_mtime_ns, facts.st_ino) != (
        seen.size_bytes,
        seen.mtime_ns,
        seen.inode,
    ):
        found.skipped[path] = "it changed while the script started; the archive has what it became"
    entry = tarfile.TarInfo(as_text(path))
    entry.size, entry.mtime, entry.mode = len(data), int(facts.st_mtime), facts.st_mode & 0o777
    tar.addfile(entry, io.BytesIO(data))
    found.sha256[path] = hashlib.sha256(data).hexdigest()
    found.archived_bytes += len(data)


def _hashed(source: int) -> str:
    digest = hashlib.sha256()
    offset = 0
    try:
        while chunk := os.pread(source, CHUNK_BYTES, offset):
            digest.update(chunk)
            offset += len(chunk)
    except OSError as error:
        raise NotKeptError(error.strerror or str(error)) from error
    return digest.hexdigest()
