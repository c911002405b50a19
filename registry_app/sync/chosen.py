"""Which file a sync is about: that of the core repository where one is set, else a file at hand."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from registry_app.sync.git.place import core_name, core_repository
from registry_app.sync.place import Folder, Place


def is_core() -> bool:
    """Whether the file is on a branch of a core repository."""
    return bool(settings.GUARDIANFLOW_CORE_URL)


def place_name() -> str:
    """Return the name of the file in the database and on pages, without reaching for it."""
    return core_name() if is_core() else str(settings.GUARDIANFLOW_REGISTRY)


def chosen_place() -> Place:
    """Return the place of the file; raises SyncError where its credentials cannot be used."""
    return core_repository() if is_core() else Folder(path=Path(settings.GUARDIANFLOW_REGISTRY))
