"""Cache drafts between scans, so that unchanged directories are not read again.

One file per directory, in the portal's data directory. The first line is a checksum of the rest;
the others are what was requested, what a scan needs if the directory is untouched, what was read,
and the draft as JSON. An invalid file counts as a cache miss, and so does a draft of another
version of the portal's rules.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.metadata import version
from pathlib import Path

from registry_app.scan.protocol import Brief, Known, Request, pack, unpack
from registry_app.scan.scanned import ScannedExperiment, decode
from registry_app.scan.untouched import devices_that_keep_times, is_untouched, stamps_of

logger = logging.getLogger(__name__)

FORMAT = b"guardianflow-scan-2"
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
        try:
            _brief, known, draft = self._lines(request)
            return Entry(known=unpack(known, Known), draft=draft, experiment=decode(draft))
        except (OSError, ValueError):
            return None

    def find_untouched(self, request: Request) -> tuple[Brief, bytes] | None:
        """Return the draft of a directory in which nothing was touched, None of any other."""
        try:
            line, _known, draft = self._lines(request)
            brief = unpack(line, Brief)
        except (OSError, ValueError):
            return None
        if brief.stamps is None:
            return None
        devices = self._devices
        return (
            (brief, draft)
            if is_untouched(request.directory, brief.stamps, devices=devices)
            else None
        )

    @cached_property
    def _devices(self) -> frozenset[int]:
        return devices_that_keep_times()

    def _lines(self, request: Request) -> tuple[bytes, bytes, bytes]:
        """Return the lines of a valid entry; raises OSError or ValueError if there is none."""
        path = self._path(request)
        with path.open("rb") as file:
            is_old = os.fstat(file.fileno()).st_mtime < time.time() - DAY_S
            seal, key, brief, known, draft = file.read(MAX_ENTRY_BYTES).split(b"\n", 4)
        if is_old:
            os.utime(path)  # marks it as recently used
        if seal != _seal(key, brief, known, draft) or key != _request_key(request):
            raise ValueError(path)
        return brief, known, draft

    def keep(
        self,
        request: Request,
        known: Known,
        draft: bytes,
        experiment: ScannedExperiment | None = None,
    ) -> None:
        """Save a draft atomically; a failure is not an error.

        Without its `experiment`, it is found only by `find`.
        """
        brief = _brief(known, experiment) if experiment else Brief()
        parts = (_request_key(request), pack(brief), pack(known), draft)
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


def _brief(known: Known, experiment: ScannedExperiment) -> Brief:
    return Brief(
        stamps=stamps_of(known),
        warnings=experiment.warnings,
        is_experiment=experiment.is_experiment,
    )


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
