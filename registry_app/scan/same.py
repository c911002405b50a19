"""Decide whether a cached draft is still valid.

A file is unchanged if its size, times and inode are unchanged. If any of them differs, the content
decides. The content also decides if the file was read so soon after its last change that a later
edit could have left the size and the times the same.
"""

from __future__ import annotations

from registry_app.scan.files import UNREADABLE, Files
from registry_app.scan.protocol import Known

# Clocks of file systems are coarse: two seconds on FAT, an unknown time over a network.
SETTLED_NS = 3 * 10**9


def is_same(known: Known, files: Files) -> bool:
    """Whether everything that an earlier draft depends on is unchanged."""
    listing = files.listing
    if listing.warnings != known.warnings or listing.files.keys() != known.files.keys():
        return False
    young = unsettled(known)
    return all(
        (identity == known.files[path] and path not in young)
        or _has_digest(files, path, known.digests.get(path))
        for path, identity in listing.files.items()
    )


def unsettled(known: Known) -> frozenset[str]:
    """Return the files that were read so soon after a change that only their content counts."""
    return frozenset(
        path
        for path, identity in known.files.items()
        if identity.ctime_ns > known.read_at_ns - SETTLED_NS and path in known.digests
    )


def _has_digest(files: Files, path: str, digest: str | None) -> bool:
    if digest is None or digest == UNREADABLE:
        return False
    return files.read(path) is not None and files.stood_still and files.digests[path] == digest
