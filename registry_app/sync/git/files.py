"""Files of a folder of the core repository, as they are in the commit that was synced last."""

from __future__ import annotations

from registry_app.models import SyncedFile
from registry_app.sync.git.folders import CoreFile, read_folder
from registry_app.sync.git.place import core_name, core_repository


def synced_commit() -> str:
    """Return the commit that was synced last, '' if none was."""
    row = SyncedFile.objects.filter(path=core_name()).first()
    return row.commit if row is not None else ""


def files_of(folder: str) -> list[CoreFile]:
    """Return the files right in a folder of the synced commit, without links and huge ones.

    Raises SyncError if git is missing, or a file has to be fetched and the remote is out of reach.
    """
    commit = synced_commit()
    return read_folder(core_repository().repository.git, commit, folder) if commit else []
