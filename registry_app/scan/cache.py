"""Cache drafts between scans, so that unchanged directories are not read again.

One file per directory, in the portal's data directory. The first line is a checksum of the rest;
the second records what was read; the third is the draft as JSON. An invalid file counts as a
cache miss, and so does a draft of another version of the portal's rules.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path

from registry_app.scan.protocol import Known, Request, pack, unpack
from registry_app.scan.scanned import ScannedExperiment, decode

logger = logging.getLogger(__name__)

FORMAT = b"guardianflow-scan-1"
LIMIT_BYTES = 512 * 2**20
MAX_ENTRY_BYTES = 32 * 2**20
# Share of the limit to shrink to, so that not every scan has to evict files.
KEPT_SHARE = 0.8
DAY_S = 86_400
_SUFFIX = ".draft"
_OUR_CODE = Path(__file__).resolve().parent.parent
# The packages that implement reading and drafting.
_DRAFTING = ("", "arguments/", "document/", "fields/", "files/", "inference/**/", "scan/")
# Their versions affect how a file is parsed.
_READERS = ("pyyaml", "msgspec", "django")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A cached draft, and what was read for it."""

    known: Known
    draft: bytes
    experiment: ScannedExperiment


class ScanCache:
    """The cached drafts in one folder; if not writable, caches nothing and warns once."""

    def __init__(self, folder: Path, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self.folder = folder
        self._limit_bytes = limit_bytes
        self._is_usable = True

    def find(self, request: Request) -> Entry | None:
        """Return the cache entry for a directory under this name, None if none is usable."""
        path = self._path(request)
        try:
            with path.open("rb") as file:
                is_old = os.fstat(file.fileno()).st_mtime < time.time() - DAY_S
                seal, request_key, known, draft = file.read(MAX_ENTRY_BYTES).split(b"\n", 3)
            if is_old:
                os.utime(path)  # marks it as recently used
        except (OSError, ValueError):
            return None
        if seal != _seal(request_key, known, draft) or request_key != _request_key(request):
            return None
        try:
            return Entry(known=unpack(known, Known), draft=draft, experiment=decode(draft))
        except ValueError:
            return None

    def keep(self, request: Request, known: Known, draft: bytes) -> None:
        """Save a draft atomically; a failure is not an error."""
        parts = (_request_key(request), pack(known), draft)
        if not self._is_usable or sum(len(part) for part in parts) > MAX_ENTRY_BYTES // 2:
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
            logger.warning("drafts cannot be cached error=%s", error)

    def tidy(self) -> None:
        """Delete the least recently used entries until the rest is within the limit."""
        try:
            with os.scandir(self.folder) as entries:
                found = [(entry.stat(), entry.path) for entry in entries if entry.is_file()]
        except OSError:
            return
        used_bytes = sum(status.st_size for status, _path in found)
        is_full = used_bytes > self._limit_bytes
        before_s = time.time() - DAY_S
        for status, path in sorted(found, key=lambda pair: pair[0].st_mtime):
            is_left_behind = not path.endswith(_SUFFIX) and status.st_mtime < before_s
            too_much = is_full and used_bytes > self._limit_bytes * KEPT_SHARE
            if is_left_behind or too_much:
                Path(path).unlink(missing_ok=True)
                used_bytes -= status.st_size

    def _path(self, request: Request) -> Path:
        name = hashlib.sha256(os.fsencode(request.directory)).hexdigest()[:40]
        return self.folder / f"{name}{_SUFFIX}"


def _request_key(request: Request) -> bytes:
    """Return everything besides the files that a draft depends on."""
    own = pack(
        Request(
            name=request.name,
            directory=request.directory,
            path=request.path,
            links=request.links,
        )
    )
    return own + b" " + _digest_of_words(request.words)


@lru_cache(maxsize=1)
def _digest_of_words(words: tuple[tuple[str, str], ...]) -> bytes:
    """Return a digest of a vocabulary, which may be long and is that of every directory."""
    return hashlib.sha256(repr(words).encode()).hexdigest().encode()


def _seal(*parts: bytes) -> bytes:
    digest = hashlib.sha256(rules_version())
    for part in parts:
        digest.update(part + b"\n")
    return FORMAT + b" " + digest.hexdigest().encode()


@cache
def rules_version() -> bytes:
    """Return a digest of the code that reads and drafts, and of its dependencies."""
    digest = hashlib.sha256(sys.version.encode())
    for name in _READERS:
        digest.update(f"{name}={version(name)}\n".encode())
    files = {path for part in _DRAFTING for path in _OUR_CODE.glob(f"{part}*.py")}
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.digest()
