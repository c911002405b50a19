"""Files of a folder of the core repository, as they are in the commit that was synced last."""

from __future__ import annotations

from dataclasses import dataclass

from registry_app.models import SyncedFile
from registry_app.sync.git.place import core_name, core_repository
from registry_app.sync.git.repository import Repository

_REGULAR = frozenset({"100644", "100755"})
MAX_FILES = 500
MAX_BYTES = 2**20


@dataclass(frozen=True, kw_only=True)
class CoreFile:
    """One file: its path in the repository, its bytes, and the commit that it was read from."""

    path: str
    data: bytes
    commit: str


def synced_commit() -> str:
    """Return the commit that was synced last, '' if none was."""
    row = SyncedFile.objects.filter(path=core_name()).first()
    return row.commit if row is not None else ""


def files_of(folder: str, *, suffixes: tuple[str, ...] = (".yaml", ".yml")) -> list[CoreFile]:
    """Return the files right in a folder of the synced commit, without links and huge ones.

    Raises SyncError if git is missing, or a file has to be fetched and the remote is out of reach.
    """
    commit = synced_commit()
    if not commit:
        return []
    repository = core_repository().repository
    listed = repository.git.run("ls-tree", "-z", "-l", commit, "--", f"{folder}/")
    found = []
    for entry in filter(None, listed.split(b"\0")):
        facts, _tab, name = entry.partition(b"\t")
        mode, _kind, blob, size = facts.decode().split()
        path = name.decode("utf-8", "replace")
        if mode in _REGULAR and path.endswith(suffixes) and int(size) <= MAX_BYTES:
            found.append(CoreFile(path=path, data=_bytes(repository, blob), commit=commit))
    return found[:MAX_FILES]


def _bytes(repository: Repository, blob: str) -> bytes:
    return repository.git.run("cat-file", "blob", blob)
