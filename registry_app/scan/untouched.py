"""Decide by `stat` alone whether a directory is as it was, without listing or reading it.

A folder whose times and inode are the same holds the same names. Not every file system keeps the
times of folders, so this is done on those that are known to; elsewhere a reader lists them.
"""

from __future__ import annotations

import os
from collections.abc import Collection

from registry_app.files.mounts import file_systems
from registry_app.scan.protocol import Known
from registry_app.scan.same import SETTLED_NS, unsettled
from registry_app.scan.walk import Identity

# Object stores and shares of Windows may leave the times of a folder as they were. The folders of
# Btrfs have other device numbers than its mounts, so they are not recognised here.
_KEEP_TIMES = frozenset("ext2 ext3 ext4 f2fs nfs nfs4 overlay tmpfs xfs zfs".split())


def stamps_of(known: Known) -> dict[str, Identity] | None:
    """Return the state of all that an earlier draft depends on, by path; folders end with `/`.

    None if equal states would not prove equal content: something changed just before it was read.
    """
    if known.others is None or unsettled(known):
        return None
    newest_ns = max((identity.ctime_ns for identity in known.others.values()), default=0)
    if newest_ns > known.read_at_ns - SETTLED_NS:
        return None
    return {**known.files, **known.others}


def is_untouched(directory: str, stamps: dict[str, Identity], *, devices: Collection[int]) -> bool:
    """Whether everything has the same state, and all folders are on these devices."""
    try:
        top = os.open(directory, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except (OSError, ValueError):
        return False
    try:
        return _are_same(top, stamps, devices)
    except (OSError, ValueError):
        return False
    finally:
        os.close(top)


def _are_same(top: int, stamps: dict[str, Identity], devices: Collection[int]) -> bool:
    stat = os.stat
    for path, identity in stamps.items():
        found = stat(path, dir_fd=top)
        # As `Identity.of`, written out: this loop is most of a scan of untouched directories.
        state = (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
        if state != identity or (path[-1] == "/" and found.st_dev not in devices):
            return False
    return True


def devices_that_keep_times() -> frozenset[int]:
    """Return the devices of mounted file systems that keep the times of folders."""
    return frozenset(device for device, kind in file_systems().items() if kind in _KEEP_TIMES)
