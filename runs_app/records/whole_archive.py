"""Everything that a run left as one ZIP archive, written while it is sent.

Nothing is compressed: weights and images hardly get smaller, and it would cost the web server its
processor. Memory is bounded by one block, whatever the size of the files.
"""

from __future__ import annotations

import posixpath
import time
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from runs_app.records.kept_file import open_inside
from runs_app.records.listing import LABELS
from runs_app.records.logs.opening import LOGS

BLOCK_BYTES = 2**18
# Lists what could not be read, if anything.
NOT_THERE = "not-there.txt"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A file of the archive: its name there, and its path inside the run folder."""

    name: str
    path: str


def entries(prefix: str, outputs: Iterable[tuple[str, str]]) -> Iterator[Entry]:
    """Yield the saved outputs, given as pairs of path and copy, then the logs and records."""
    taken: set[str] = set()
    for path, kept in outputs:
        name = posixpath.join(prefix, "outputs", inside(path))
        if name not in taken:
            taken.add(name)
            yield Entry(name=name, path=kept)
    for path in LOGS.values():
        yield Entry(name=posixpath.join(prefix, "logs", path), path=path)
    for path in LABELS:
        yield Entry(name=posixpath.join(prefix, "records", path), path=path)


def inside(path: str) -> str:
    """Return a path that no program unpacks outside of its folder."""
    parts = path.replace("\\", "/").replace("\0", "").split("/")
    return "/".join(part for part in parts if part not in {"", ".", ".."}) or "file"


def pieces(folder: Path, wanted: Iterable[Entry]) -> Iterator[bytes]:
    """Yield the archive piece by piece; outputs that are missing are listed in it."""
    written = _Written()
    missing: list[str] = []
    with zipfile.ZipFile(cast("IO[bytes]", written), "w", allowZip64=True) as archive:
        for entry in wanted:
            try:
                source = open_inside(folder, entry.path)
            except FileNotFoundError:
                if "/outputs/" in entry.name:
                    missing.append(entry.name)
                continue
            with source, archive.open(_info(entry.name), "w", force_zip64=True) as target:
                while block := source.read(BLOCK_BYTES):
                    target.write(block)
                    yield written.taken()
        if missing:
            archive.writestr(_info(NOT_THERE), "\n".join([*missing, ""]))
    yield written.taken()


def _info(name: str) -> zipfile.ZipInfo:
    name = name.encode("utf-8", "replace").decode()
    return zipfile.ZipInfo(name, date_time=time.localtime()[:6])


class _Written:
    """What an archive has written and nobody has taken yet; it cannot be sought in."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []

    def write(self, data: bytes, /) -> int:
        self._blocks.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: what was written is there."""

    def taken(self) -> bytes:
        data = b"".join(self._blocks)
        self._blocks.clear()
        return data
