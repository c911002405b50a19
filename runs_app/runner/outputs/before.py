"""The content of result files before a script was started: older rows are not its results.

Small files are copied within limits, so that no start waits for a disk. Of larger files, digests
of the first and last bytes are saved: enough to decide whether the file starts with its old
content.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import BinaryIO, Self

from runs_app.runner.isolation.helper_client import HelperError
from runs_app.runner.outputs.copying import NotKeptError, created, opened
from runs_app.runner.outputs.snapshot import Fingerprint, Manifest
from runs_app.runner.own_file import make_way, open_own

INDEX = "results-before.jsonl"
FOLDER = "results-before"
# The most recently written files come first: a script is most likely to continue them.
MAX_FILES = 100
MAX_COPY_BYTES = 2**20
MAX_COPIES_BYTES = 8 * 2**20
ENDS_BYTES = 2**14
CHUNK_BYTES = 2**18


class Origin(Enum):
    """How a file that a script wrote relates to its old content, judged by its bytes."""

    NEW = "new"
    APPENDED = "appended"
    REWRITTEN = "rewritten"
    # Its times changed, but not its content.
    UNTOUCHED = "untouched"
    # It existed, and its old content is not known.
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class OldFile:
    """A file before the start: its copy in the run folder, or digests of its two ends."""

    path: str
    size_bytes: int
    copy: str = ""
    first: str = ""
    last: str = ""


class OldFiles:
    """The result files that existed before the start, by their path in the directory."""

    def __init__(self, folder: Path, files: Iterable[OldFile]) -> None:
        self._folder = folder
        self._files = {file.path: file for file in files}

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `keep` wrote into a run folder; an invalid line counts as missing."""
        files = []
        with suppress(OSError), open_own(folder / INDEX) as lines:
            for line in lines:
                with suppress(ValueError, TypeError, RecursionError):
                    files.append(OldFile(**json.loads(line)))
        return cls(folder, files)

    def pieces(self, path: str) -> Iterator[bytes]:
        """Yield the old content of a file, nothing if there is no copy of it."""
        old = self._files.get(path)
        if old is None or not old.copy:
            return
        with suppress(OSError), open_own(self._folder / FOLDER / Path(old.copy).name) as copy:
            yield from iter(lambda: copy.read(CHUNK_BYTES), b"")

    def old_bytes(self, path: str, new: BinaryIO) -> int | None:
        """Return the old size of a file whose new content starts with the old one, else None."""
        old = self._files.get(path)
        if old is None or os.fstat(new.fileno()).st_size < old.size_bytes:
            return None
        is_there = self._begins_with(old, new)
        return old.size_bytes if is_there else None

    def origin(
        self, path: str, new: BinaryIO, *, before: Fingerprint | None, after: Fingerprint | None
    ) -> tuple[Origin, int]:
        """Return the origin of a file, and how many of its first bytes are old content."""
        if before is None:
            return Origin.NEW, 0
        if path not in self._files:
            return Origin.UNKNOWN, 0
        old_bytes = self.old_bytes(path, new)
        # Another file that took the name was written from its beginning, whatever it begins with.
        is_replaced = after is not None and after.inode != before.inode
        if old_bytes is None or is_replaced:
            return Origin.REWRITTEN, 0
        if os.fstat(new.fileno()).st_size > old_bytes:
            return Origin.APPENDED, old_bytes
        is_same = after is not None and after.mtime_ns == before.mtime_ns
        return (Origin.UNTOUCHED, old_bytes) if is_same else (Origin.REWRITTEN, 0)

    def forget(self, but: Iterable[str]) -> None:
        """Remove the copies of all files except these: unchanged files need no comparison."""
        needed = {self._files[path].copy for path in but if path in self._files}
        for old in self._files.values():
            if old.copy and old.copy not in needed:
                (self._folder / FOLDER / Path(old.copy).name).unlink(missing_ok=True)

    def _begins_with(self, old: OldFile, new: BinaryIO) -> bool:
        if not old.copy:
            return (old.first, old.last) == _ends(new.fileno(), old.size_bytes)
        offset = 0
        for piece in self.pieces(old.path):
            if os.pread(new.fileno(), len(piece), offset) != piece:
                return False
            offset += len(piece)
        return offset == old.size_bytes


def keep(
    directory: Path, manifest: Manifest, folder: Path, *, is_wanted: Callable[[str], bool]
) -> None:
    """Save the present content of the wanted files of a directory; raises OSError.

    A file that cannot be read is skipped.
    """
    newest = sorted(
        (path for path in manifest.files if is_wanted(path)),
        key=lambda path: manifest.files[path].mtime_ns,
        reverse=True,
    )[:MAX_FILES]
    if not newest:
        return
    make_way(folder / FOLDER, for_folder=True)
    (folder / FOLDER).mkdir(mode=0o700, exist_ok=True)
    left_bytes = MAX_COPIES_BYTES
    with created(folder / INDEX) as index:
        for number, path in enumerate(newest):
            try:
                old = _kept(directory, path, folder, number, limit_bytes=left_bytes)
            except (NotKeptError, HelperError):
                continue
            left_bytes -= old.size_bytes if old.copy else 0
            index.write(f"{json.dumps(asdict(old))}\n".encode("ascii"))


def _kept(directory: Path, path: str, folder: Path, number: int, *, limit_bytes: int) -> OldFile:
    with opened(directory, path) as source:
        size_bytes = os.fstat(source).st_size
        if size_bytes > min(MAX_COPY_BYTES, limit_bytes):
            first, last = _ends(source, size_bytes)
            return OldFile(path=path, size_bytes=size_bytes, first=first, last=last)
        data = os.pread(source, size_bytes, 0)
    with created(folder / FOLDER / str(number)) as copy:
        copy.write(data)
    return OldFile(path=path, size_bytes=len(data), copy=str(number))


def _ends(source: int, size_bytes: int) -> tuple[str, str]:
    """Return digests of the start and the end of the first `size_bytes` bytes."""
    count = min(ENDS_BYTES, size_bytes)
    return _digest(os.pread(source, count, 0)), _digest(os.pread(source, count, size_bytes - count))


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
