"""Reads the files of one experiment, remembering exactly what was read.

A file that changes while it is read, or between two readings, is recorded: the
resulting draft is inconsistent and must not be cached for the next scan.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Mapping

from registry_app.messages import Message
from registry_app.scan.walk import MAX_READ_BYTES, Identity, Listing, Visit
from registry_app.texts import remarks

# For one experiment; files not reached by then are skipped.
EXPERIMENT_CPU_S = 300.0
UNREADABLE = "unreadable"


class Files:
    """The files of a listing. `skipped` maps skipped paths to the reason; `visit` is called
    with each path that is read.

    `digests` holds the SHA-256 of each file that was read; `stood_still` is true if none of
    them changed meanwhile; `warnings` lists what could not be read.
    """

    def __init__(
        self,
        listing: Listing,
        *,
        skipped: Mapping[str, Message] | None = None,
        visit: Visit = lambda path: None,
    ) -> None:
        self.listing = listing
        self.digests: dict[str, str] = {}
        self.stood_still = True
        self._skipped = skipped or {}
        self.visit = visit
        self._warnings = dict(self._skipped)
        self._until_cpu_s = time.process_time() + EXPERIMENT_CPU_S

    @property
    def warnings(self) -> tuple[Message, ...]:
        """What could not be read and why; the location is its path."""
        return tuple(reason.at(path) for path, reason in self._warnings.items())

    def read(self, path: str) -> bytes | None:
        """Return a file's content; None if it is too large, was deleted or cannot be read."""
        listed = self.listing.files.get(path)
        if listed is None or path in self._skipped:
            return None
        if listed.size_bytes > MAX_READ_BYTES:
            self._warnings[path] = remarks.TOO_LARGE(mebibytes=MAX_READ_BYTES // 2**20)
            return None
        if time.process_time() > self._until_cpu_s:
            self.stood_still = False
            self._warnings["."] = remarks.TOO_LONG(seconds=round(EXPERIMENT_CPU_S))
            return None
        self.visit(path)
        return self._read(path, listed)

    def _read(self, path: str, listed: Identity) -> bytes | None:
        try:
            data, identity = read_bytes(os.path.join(self.listing.directory, path))
        except (FileNotFoundError, NotADirectoryError):
            self.stood_still = False
            return None
        except OSError as error:
            self._warnings[path] = remarks.UNREADABLE(problem=error.strerror)
            self._remember(path, UNREADABLE)
            return None
        self._remember(path, hashlib.sha256(data).hexdigest())
        self.stood_still = self.stood_still and identity == listed
        return data

    def _remember(self, path: str, digest: str) -> None:
        if self.digests.setdefault(path, digest) != digest:
            self.stood_still = False


def read_bytes(path: str) -> tuple[bytes, Identity | None]:
    """Return a file's content and identity; the identity is None if the file changed meanwhile.

    Raises OSError, also if it is no longer a regular file or is now too large.
    """
    # Non-blocking: the path may now be something, such as a pipe, that never yields a byte.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    with os.fdopen(descriptor, "rb") as file:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise FileNotFoundError(path)
        # Asking for more than there is would take that much memory for a moment.
        data = file.read(min(before.st_size, MAX_READ_BYTES) + 1)
        if len(data) > before.st_size:  # it has grown, or the kernel makes it up
            data += file.read(MAX_READ_BYTES + 1 - len(data))
        after = Identity.of(os.fstat(descriptor))
    if len(data) > MAX_READ_BYTES:
        raise FileNotFoundError(path)  # no longer the file that was listed
    return data, after if after == Identity.of(before) else None
