"""Copies of trainers' folders in the data directory, and the digests that name them.

Every run asks for them, so that this must not import what reads the code of a trainer.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

MAX_BYTES = 2**20


def read_copy(folder: Path) -> dict[str, bytes]:
    """Return the files of a copy by their paths; links are not followed."""
    found: dict[str, bytes] = {}
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in names:
            path = Path(place, name)
            if not path.is_symlink() and path.stat().st_size <= MAX_BYTES:
                found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found


def digest_of(files: Mapping[str, bytes]) -> str:
    """Return the SHA-256 over the names and contents of files."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path}\0{hashlib.sha256(files[path]).hexdigest()}\n".encode())
    return digest.hexdigest()
