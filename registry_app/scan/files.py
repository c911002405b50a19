"""Reads the files of one experiment, remembering exactly what was read.

A file that changes while it is read, or between two readings, is noted: what was concluded then
is true of no moment and must not be kept for the next scan.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Mapping

from registry_app.inference import remarks
from registry_app.messages import Message
from registry_app.scan.walk import MAX_READ_BYTES, Identity, Listing, Visit

# Of one experiment; what it has not come to by then is left.
EXPERIMENT_CPU_S = 300.0
UNREADABLE = "unreadable"


class Files:
    """The files of a listing. `left_out` are paths that are not read, with the reason; `visit` is
    told of each that is.

    `digests` holds the SHA-256 of each file that was read; `stood_still` whether none of them
    changed meanwhile; `warnings` what could not be read.
    """

    def __init__(
        self,
        listing: Listing,
        *,
        left_out: Mapping[str, Message] | None = None,
        visit: Visit = lambda path: None,
    ) -> None:
        self.listing = listing
        self.digests: dict[str, str] = {}
        self.stood_still = True
        self._left_out = left_out or {}
        self.visit = visit
        self._warnings = dict(self._left_out)
        self._until_cpu_s = time.process_time() + EXPERIMENT_CPU_S

    @property
    def warnings(self) -> tuple[Message, ...]:
        """What could not be read and why; the place is its path."""
        return tuple(reason.at(path) for path, reason in self._warnings.items())

    def read(self, path: str) -> bytes | None:
        """Return a file's content; None if it is too large, went away or cannot be read."""
        listed = self.listing.files.get(path)
        if listed is None or path in self._left_out:
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
    """Return a file's content and whose it is; None for whose if the file changed meanwhile.

    Raises OSError, also for what is no file or too large by now.
    """
    # Not waiting: something else may lie there by now that never gives a byte.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    with os.fdopen(descriptor, "rb") as file:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise FileNotFoundError(path)
        data = file.read(MAX_READ_BYTES + 1)
        after = Identity.of(os.fstat(descriptor))
    if len(data) > MAX_READ_BYTES:
        raise FileNotFoundError(path)  # no longer the file that was listed
    return data, after if after == Identity.of(before) else None
