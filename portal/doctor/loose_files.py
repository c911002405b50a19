"""Find what other users of the machine could read in the data directory."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

_OTHERS = 0o077
_PASS = 0o011


def loose(folder: Path) -> Iterator[Path]:
    """Yield files and folders below `folder` that other users can access, parents first.

    Folders that only their owner can enter are not searched. What cannot be read, or is deleted
    meanwhile, is skipped.
    """
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    passable: list[Path] = []
    for entry in entries:
        try:
            mode = entry.stat(follow_symlinks=False).st_mode
        except OSError:
            continue
        if stat.S_ISLNK(mode):
            continue
        if mode & _OTHERS:
            yield Path(entry.path)
        if stat.S_ISDIR(mode) and mode & _PASS:
            passable.append(Path(entry.path))
    for inner in passable:
        yield from loose(inner)
