"""Keeps drafts from one scan to the next, so that what did not change is not read again.

One file for each directory, in the home of the portal. Its first line vouches for the rest; its
second says what was read; the third is the draft, as plain JSON. Whatever is wrong with a file, it
is as if it were not there. Drafts of another version of the portal's rules do not count.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from registry_app.scan.protocol import Known, Request, pack, unpack
from registry_app.scan.scanned import ScannedExperiment, decode

logger = logging.getLogger(__name__)

FORMAT = b"guardianflow-scan-1"
LIMIT_BYTES = 512 * 2**20
LONGEST_ENTRY_BYTES = 32 * 2**20
# Of the limit; so that not every scan has something to throw away.
KEPT_SHARE = 0.8
DAY_S = 86_400
_SUFFIX = ".draft"
_OUR_CODE = Path(__file__).resolve().parent.parent
# The packages that reading and drafting are made of.
_DRAFTING = ("", "arguments/", "document/", "fields/", "files/", "inference/**/", "scan/")
# Their versions decide what a file is read as.
_READERS = ("pyyaml", "msgspec", "django")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A draft that was kept, and what was read for it."""

    known: Known
    draft: bytes
    experiment: ScannedExperiment


class ScanCache:
    """The drafts below one folder; one that cannot be written keeps nothing, and says so once."""

    def __init__(self, folder: Path, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self.folder = folder
        self._limit_bytes = limit_bytes
        self._is_usable = True

    def find(self, request: Request) -> Entry | None:
        """Return what was kept for a directory under this name, None where nothing is usable."""
        path = self._path(request)
        try:
            with path.open("rb") as file:
                is_old = os.fstat(file.fileno()).st_mtime < time.time() - DAY_S
                seal, asked, known, draft = file.read(LONGEST_ENTRY_BYTES).split(b"\n", 3)
            if is_old:
                os.utime(path)  # whatever is used stays
        except (OSError, ValueError):
            return None
        if seal != _seal(asked, known, draft) or asked != _asked(request):
            return None
        try:
            return Entry(known=unpack(known, Known), draft=draft, experiment=decode(draft))
        except ValueError:
            return None

    def keep(self, request: Request, known: Known, draft: bytes) -> None:
        """Keep a draft, whole or not at all; failing to is no error."""
        parts = (_asked(request), pack(known), draft)
        if not self._is_usable or sum(len(part) for part in parts) > LONGEST_ENTRY_BYTES // 2:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, aside = tempfile.mkstemp(dir=self.folder, prefix=".")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(b"\n".join((_seal(*parts), *parts)))
                os.replace(aside, self._path(request))
            except BaseException:
                os.unlink(aside)
                raise
        except OSError as error:
            self._is_usable = False
            logger.warning("drafts are not kept for the next scan error=%s", error)

    def tidy(self) -> None:
        """Throw away what was not used for the longest time until the rest keeps to the limit."""
        try:
            with os.scandir(self.folder) as entries:
                found = [(entry.stat(), entry.path) for entry in entries if entry.is_file()]
        except OSError:
            return
        used_bytes = sum(one.st_size for one, _path in found)
        is_full = used_bytes > self._limit_bytes
        before_s = time.time() - DAY_S
        for one, path in sorted(found, key=lambda pair: pair[0].st_mtime):
            is_left_behind = not path.endswith(_SUFFIX) and one.st_mtime < before_s
            too_much = is_full and used_bytes > self._limit_bytes * KEPT_SHARE
            if is_left_behind or too_much:
                Path(path).unlink(missing_ok=True)
                used_bytes -= one.st_size

    def _path(self, request: Request) -> Path:
        name = hashlib.sha256(os.fsencode(request.directory)).hexdigest()[:40]
        return self.folder / f"{name}{_SUFFIX}"


def _asked(request: Request) -> bytes:
    """Return everything that a draft depends on beside the files."""
    return pack(Request(name=request.name, directory=request.directory, path=request.path))


def _seal(*parts: bytes) -> bytes:
    digest = hashlib.sha256(rules_version())
    for part in parts:
        digest.update(part + b"\n")
    return FORMAT + b" " + digest.hexdigest().encode()


@cache
def rules_version() -> bytes:
    """Return a digest of the code that reads and drafts, and of what it builds on."""
    digest = hashlib.sha256(sys.version.encode())
    for name in _READERS:
        digest.update(f"{name}={version(name)}\n".encode())
    files = {path for part in _DRAFTING for path in _OUR_CODE.glob(f"{part}*.py")}
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.digest()
