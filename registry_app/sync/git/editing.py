"""Change one file of the core repository: a commit on the synced branch, or a proposal of it.

As a sync does with the registry file: pushed only onto what was read, never forced; where the
branch takes no pushes, the commit goes to a branch of its own, for people to merge.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import PurePosixPath

from registry_app.sync.authors import Person
from registry_app.sync.errors import SyncError
from registry_app.sync.git.place import core_repository, named
from registry_app.sync.git.repository import Change, Pushed
from registry_app.texts import core_sync, sync

ATTEMPTS = 3


@dataclass(frozen=True, kw_only=True)
class Saved:
    """The commit with the new content; `branch` is where it waits for people, '' if it does not."""

    commit: str
    branch: str = ""


class StaleFileError(SyncError):
    """The file is not what its editor has seen; `data` is what it is now."""

    def __init__(self, path: str, data: bytes) -> None:
        super().__init__(core_sync.FILE_STALE(file=path))
        self.data = data


def save_file(path: str, data: bytes, *, seen: str, by: Person) -> Saved:
    """Give a file new content; `seen` is the SHA-256 of what the editor saw, '' for a new file.

    Raises StaleFileError if the branch has another content now, and SyncError if the remote cannot
    be reached, takes the commit nowhere, or has the content already.
    """
    repository = core_repository().repository
    for _attempt in range(ATTEMPTS):
        head = repository.fetch()
        version = repository.at(path).read(head)
        if (digest(version.data) if version.blob else "") != seen:
            raise StaleFileError(path, version.data)
        if version.blob and version.data == data:
            raise SyncError(core_sync.FILE_UNCHANGED(file=path))
        change = Change(path=path, data=data, mode=version.mode)
        message = f"{'Change' if version.blob else 'Add'} {path}\n"
        commit = repository.commit_all(head, [change], by=named(by), message=message)
        answer = repository.push(commit, onto=head)
        if answer.pushed is Pushed.TAKEN:
            return Saved(commit=commit)
        if answer.pushed is Pushed.REFUSED:
            branch = _branch(path, data)
            proposed = repository.propose(commit, branch, last="")
            if proposed.pushed is not Pushed.TAKEN:
                problem = proposed.reason or answer.reason
                raise SyncError(core_sync.FILE_NOT_TAKEN(file=path, problem=problem))
            return Saved(commit=proposed.commit, branch=branch)
    raise SyncError(sync.KEEPS_CHANGING(file=path))


def digest(data: bytes) -> str:
    """Return the SHA-256 of a file, as `sha256sum` prints it."""
    return hashlib.sha256(data).hexdigest()


def _branch(path: str, data: bytes) -> str:
    """Return a branch for this content alone: the same edit again is the same branch."""
    folder = PurePosixPath(path).parts[0]
    content = digest(b"\0".join([path.encode(), data]))
    return f"guardianflow/{folder}-{content[:10]}"
