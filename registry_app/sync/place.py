"""Where the synced registry file is: in a folder, or on a branch of the core repository.

A sync opens the place, reads the file, and puts a new version there: `prepare` first, so that what
identifies the new version is stored before it is written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

from registry_app.files.text_file import write_text
from registry_app.messages import Message
from registry_app.models import SyncedFile
from registry_app.sync.authors import Authors
from registry_app.sync.errors import SyncError
from registry_app.texts import sync as texts


class Put(Enum):
    """What became of a new version."""

    WRITTEN = "written"
    CHANGED = "changed"  # another writer was faster: read again
    REFUSED = "refused"  # it cannot be written there, but it can be proposed to people


@dataclass(frozen=True, kw_only=True)
class Content:
    """The file as it was read; `commit` is '' for a file in a folder."""

    data: bytes
    commit: str = ""


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A new version; `mark` identifies it to a later process, as plain data."""

    data: bytes
    mark: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a new version; `reason` is the place's own word on a refusal."""

    put: Put
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What people should know of a proposed version; `commit` waits for them, '' if none does."""

    remark: Message
    commit: str


class Place(Protocol):
    """What a sync needs of the file's place. All but `name` may raise SyncError."""

    @property
    def name(self) -> str:
        """What identifies the file in the database and on pages; holds no secret."""

    def open(self) -> None:
        """Find out what is there now."""

    def keep(self) -> None:
        """Keep what else of the place the portal uses, as it is now."""

    def has(self, mark: Mapping[str, str]) -> bool:
        """Whether a prepared version was written."""

    def read(self, known: SyncedFile) -> Content:
        """Return the file; empty if it never was there."""

    def whose(self, content: Content) -> Message | str:
        """Return the name of the file for a message about its problems."""

    def prepare(self, content: Content, data: bytes, authors: Authors) -> Prepared:
        """Get a new version ready, without changing the file."""

    def put(self, known: SyncedFile, content: Content, prepared: Prepared) -> Outcome:
        """Write a prepared version if the file is still what was read."""

    def propose(self, known: SyncedFile, prepared: Prepared, reason: str) -> Proposal:
        """Put a version that was refused where people can take it over."""

    def is_proposed(self, mark: Mapping[str, str]) -> bool:
        """Whether a prepared version waits for people."""

    def withdraw(self, known: SyncedFile) -> None:
        """Take back what waits elsewhere, for both sides say the same."""

    def remark(self, known: SyncedFile, content: Content) -> Message | None:
        """Return what people should know about the file as it is."""


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A file in a folder, also in a work tree of git, which is never started there."""

    path: Path

    @property
    def name(self) -> str:
        return str(self.path)

    def open(self) -> None:
        """Nothing to do: the file is at hand."""

    def keep(self) -> None:
        """Nothing to do: there is only the file."""

    def has(self, mark: Mapping[str, str]) -> bool:
        try:
            return _digest(self.path.read_bytes()) == mark["digest"]
        except OSError:
            return False

    def read(self, known: SyncedFile) -> Content:
        try:
            return Content(data=self.path.read_bytes())
        except FileNotFoundError as error:
            if known.links.exists():
                raise SyncError(texts.FILE_GONE(file=self.path)) from error
            return Content(data=b"")
        except OSError as error:
            raise SyncError(
                texts.FILE_UNREADABLE(file=self.path, problem=error.strerror or "")
            ) from error

    def whose(self, content: Content) -> str:
        return self.name

    def prepare(self, content: Content, data: bytes, authors: Authors) -> Prepared:
        return Prepared(data=data, mark={"digest": _digest(data)})

    def put(self, known: SyncedFile, content: Content, prepared: Prepared) -> Outcome:
        try:
            if self._now() != content.data:
                return Outcome(put=Put.CHANGED)
            write_text(self.path, prepared.data.decode())
        except OSError as error:
            raise SyncError(
                texts.FILE_UNWRITABLE(file=self.path, problem=error.strerror or "")
            ) from error
        return Outcome(put=Put.WRITTEN)

    def propose(self, known: SyncedFile, prepared: Prepared, reason: str) -> Proposal:
        """Raise SyncError: a file is written or cannot be written."""
        raise SyncError(texts.FILE_UNWRITABLE(file=self.path, problem=reason))

    def is_proposed(self, mark: Mapping[str, str]) -> bool:
        return False

    def withdraw(self, known: SyncedFile) -> None:
        """Nothing to do: nothing waits elsewhere."""

    def remark(self, known: SyncedFile, content: Content) -> None:
        return None

    def _now(self) -> bytes:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return b""


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
