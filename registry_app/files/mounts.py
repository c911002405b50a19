"""The file systems that are mounted on this machine."""

from __future__ import annotations

import os
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
# The kinds that may give other inode numbers at each mount; `fuse` stands for all `fuse.…`.
_NUMBERED_AGAIN = ("9p", "cifs", "exfat", "fuse", "msdos", "prl_fs", "smb3", "vboxsf", "vfat")


def file_systems() -> dict[int, str]:
    """Return the type of each mounted file system, such as `nfs4`, by its device number.

    The directories of Btrfs have other device numbers than its mounts. Empty if none can be read.
    """
    try:
        lines = MOUNTS.read_text(errors="replace").splitlines()
    except OSError:
        return {}
    found = {}
    for line in lines:
        mount, _separator, source = line.partition(" - ")
        major, _colon, minor = mount.split(" ", 3)[2].partition(":")
        found[os.makedev(int(major), int(minor))] = source.partition(" ")[0]
    return found


def has_lasting_inodes(device: int) -> bool:
    """Return whether a directory on this device keeps its inode when it is mounted again.

    So it does on an unknown one, such as a directory of Btrfs.
    """
    return not file_systems().get(device, "").startswith(_NUMBERED_AGAIN)
