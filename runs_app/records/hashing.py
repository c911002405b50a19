"""Computes the SHA-256 of every copy after the run's end was shown, so that no user waits for it.

By then the copy is on the disk itself, not only in the page cache.
"""

from __future__ import annotations

import hashlib
import logging
import os

from django.db.models import QuerySet

from runs_app.executors.base import folder_of
from runs_app.models import Run, RunFile
from runs_app.records import files
from runs_app.records.kept_file import open_inside
from runs_app.system import locks
from runs_app.texts.files import COPY_DAMAGED

logger = logging.getLogger(__name__)

LOCK = "hash.lock"
CHUNK_BYTES = 2**20


def hash_kept(run: Run) -> int:
    """Hash the copies of a run that have no hash yet; return how many were hashed.

    Repeatable. One process hashes at a time; others wait. Raises OSError, ValueError.
    """
    if not _unhashed(run).exists():
        return 0
    folder = folder_of(run)
    with locks.hold(folder.path / LOCK, wait=True):
        hashes: dict[str, str] = {}
        rows = list(_unhashed(run))
        for row in rows:
            sha256, size_bytes = _read(run, row.kept)
            if size_bytes == row.size_bytes:
                hashes[row.kept] = row.sha256 = sha256
            else:  # truncated by a machine crash or by a user
                row.kept, row.artifact, row.left_out = "", "", COPY_DAMAGED()
                logger.warning("corrupt copy run=%s path=%s", run.pk, row.path)
        run.files.bulk_update(rows, ["sha256", "kept", "artifact", "left_out"], batch_size=500)
        files.add_hashes(folder.path, hashes)
    return len(rows)


def hash_if_possible(run: Run) -> None:
    """Hash the copies of a run; a disk error does not prevent closing or sending the run."""
    try:
        hash_kept(run)
    except (OSError, ValueError) as error:
        logger.warning("not hashed run=%s error=%s", run.pk, error)


def _unhashed(run: Run) -> QuerySet[RunFile]:
    return run.files.filter(sha256="").exclude(kept="")


def _read(run: Run, kept: str) -> tuple[str, int]:
    """Return hash and size of a copy; -1 bytes if there is no copy."""
    try:
        file = open_inside(run.folder, kept)
    except FileNotFoundError:
        return "", -1
    digest = hashlib.sha256()
    with file:
        os.fsync(file.fileno())
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
        return digest.hexdigest(), os.fstat(file.fileno()).st_size
