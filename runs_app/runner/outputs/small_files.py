"""Archives for the many small files of a run: one row each would hide all other files.

The choice of files depends only on their sizes and paths, so it is repeatable.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from registry_app.messages import Message
from runs_app.runner.outputs.copying import NotKeptError, created, opened, read_still
from runs_app.runner.outputs.snapshot import FileDelta

NAME = "small-files.tar"
# Of those that a run made beside the copies that an earlier step of a chain handed over.
NAME_OF_HANDED = "small-files-inputs.tar"
SMALL_BYTES = 2**20
# A run with no more small files than this has no archive.
MANY = 200
# Folders with more small files than this are archived first.
CROWDED = 20
# Users and metrics readers look for these by name.
OWN_ROW = ("result*", "metric*", "args.y*ml", "opt.y*ml", "hyp.y*ml", "*.pt", "*.pth", "*.onnx")


@dataclass(frozen=True, kw_only=True)
class Member:
    """A file in the archive, with its facts when it was copied."""

    size_bytes: int
    sha256: str


def for_archive(deltas: Sequence[FileDelta]) -> frozenset[str]:
    """Return the paths of the `deltas` that belong in the archive."""
    small = [
        delta.path
        for delta in deltas
        if delta.size_bytes <= SMALL_BYTES and not _has_own_row(delta.path)
    ]
    if len(small) <= MANY:
        return frozenset()
    crowd = Counter(os.path.dirname(path) for path in small)
    crowded = frozenset(path for path in small if crowd[os.path.dirname(path)] > CROWDED)
    return crowded if len(small) - len(crowded) <= MANY else frozenset(small)


def _has_own_row(path: str) -> bool:
    name = os.path.basename(path).lower()
    return any(fnmatch(name, pattern) for pattern in OWN_ROW)


def write(
    archive: Path,
    directory: Path,
    files: Iterable[tuple[FileDelta, str]],
    *,
    until_ns: int | None = None,
) -> tuple[dict[str, Member], dict[str, Message]]:
    """Copy `files` (with their names in the archive) into `archive`, then rename it.

    Return the members by path, and by path why other files were skipped. Raises OSError if the
    archive cannot be written.
    """
    members: dict[str, Member] = {}
    skipped: dict[str, Message] = {}
    aside = archive.with_name(f"{archive.name}.part")
    try:
        with (
            created(aside) as out,
            tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar,
        ):
            for delta, name in files:
                try:
                    members[delta.path] = _add(tar, directory, delta, name, until_ns)
                except NotKeptError as error:
                    skipped[delta.path] = error.message
        os.replace(aside, archive)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    return members, skipped


def read(archive: Path) -> Iterator[tuple[str, Member]]:
    """Yield the members of an existing archive by name."""
    with tarfile.open(archive, mode="r:") as tar:
        for entry in tar:
            file = tar.extractfile(entry)
            data = file.read() if file else b""
            yield entry.name, _member(data)


def _add(
    tar: tarfile.TarFile, directory: Path, delta: FileDelta, name: str, until_ns: int | None
) -> Member:
    with opened(directory, delta.path, until_ns=until_ns, seen=delta.seen) as source:
        data, seen = read_still(source)
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = len(data), int(seen.st_mtime), 0o600
    tar.addfile(entry, io.BytesIO(data))
    return _member(data)


def _member(data: bytes) -> Member:
    return Member(size_bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
