"""Whether what an earlier draft rests on is still the same.

A file whose size, times and inode are as they were is the same, unless it was so young when it was
read that an edit right after may have left all that as it was; then, and where any of it differs,
its content decides.
"""

from __future__ import annotations

from registry_app.scan.files import UNREADABLE, Files
from registry_app.scan.protocol import Known

# Clocks of file systems are coarse: two seconds on FAT, an unknown time over a network.
SETTLED_NS = 3 * 10**9


def is_same(known: Known, files: Files) -> bool:
    """Whether everything that an earlier draft rests on is as it was."""
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
    """Return the files that were so young when they were read that only their content counts."""
    return frozenset(
        path
        for path, identity in known.files.items()
        if identity.ctime_ns > known.read_at_ns - SETTLED_NS and path in known.digests
    )


def _has_digest(files: Files, path: str, digest: str | None) -> bool:
    if digest is None or digest == UNREADABLE:
        return False
    return files.read(path) is not None and files.stood_still and files.digests[path] == digest
