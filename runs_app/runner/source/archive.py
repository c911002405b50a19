"""Saves the source of a run: hashes of all source files, and an archive of the small ones."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from runs_app.runner.outputs.copying import CHUNK_BYTES, NotKeptError, created, opened, read_still
from runs_app.runner.outputs.keeping import as_text
from runs_app.runner.outputs.snapshot import Fingerprint, Manifest
from runs_app.runner.source.files import is_source

ARCHIVE = "source.tar.gz"
LARGEST_BYTES = 2**20
MAX_BYTES = 64 * 2**20
MAX_FILES = 5000
# A fast level is enough for text, and a run is about to start.
LEVEL = 1
_NO_LINKS: Mapping[str, Path] = {}


@dataclass(kw_only=True)
class SourceFiles:
    """SHA-256 of source files by path; `skipped` has the reasons for files not in the archive."""

    sha256: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    archived_bytes: int = 0


def archive_source(
    directory: Path, manifest: Manifest, archive: Path, *, links: Mapping[str, Path] = _NO_LINKS
) -> SourceFiles:
    """Archive the source files that `manifest` names; the archive is renamed into place.

    `links` are scripts that link out of the directory, with the target files.

    A file that differs from the manifest by now is archived in its present state, with a note.
    Raises OSError if the archive cannot be written.
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
            for path, target in links.items():
                try:
                    _add(tar, target.parent, target.name, None, found, name=path)
                except NotKeptError as error:
                    found.skipped[path] = str(error)
        os.replace(aside, archive)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    return found


def hash_of(directory: Path, path: str) -> str:
    """Return the present SHA-256 of a file, '' if it cannot be read."""
    try:
        with opened(directory, path) as source:
            return _hashed(source)
    except (NotKeptError, OSError):
        return ""


def _sources(manifest: Manifest, found: SourceFiles) -> Iterator[tuple[str, Fingerprint]]:
    paths = sorted(filter(is_source, manifest.files), key=lambda path: (path.count("/"), path))
    for path in paths[MAX_FILES:]:
        found.skipped[path] = f"more than {MAX_FILES} files"
    for path in paths[:MAX_FILES]:
        yield path, manifest.files[path]


def _add(
    tar: tarfile.TarFile,
    directory: Path,
    path: str,
    seen: Fingerprint | None,
    found: SourceFiles,
    *,
    name: str = "",
) -> None:
    """Add a file, as `name` if its name in the archive differs."""
    with opened(directory, path) as source:
        path = name or path
        size_bytes = os.fstat(source).st_size
        if size_bytes > LARGEST_BYTES or found.archived_bytes + size_bytes > MAX_BYTES:
            found.sha256[path] = _hashed(source)
            found.skipped[path] = "too large for the archive"
            return
        data, facts = read_still(source)
    if seen is not None and (facts.st_size, facts.st_mtime_ns, facts.st_ino) != (
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
