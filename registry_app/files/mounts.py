"""The file systems that are mounted on this machine."""

from __future__ import annotations

import os
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")


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
