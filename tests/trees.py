"""Directory trees as values that can be compared."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def fingerprint(root: Path) -> dict[str, tuple[str, int, int]]:
    """Everything below `root` by its path: a digest of its bytes or target, its mode, its mtime.

    Access times are left out: reading is what a scan does.
    """
    found = {}
    for path in sorted(root.rglob("*")):
        stat = path.lstat()
        if path.is_symlink():
            digest = os.readlink(path)
        else:
            digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        found[str(path.relative_to(root))] = (digest, stat.st_mode, stat.st_mtime_ns)
    return found
