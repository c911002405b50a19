"""Whether a scan lost most of what it knew in a root: an unmounted disk, a moved folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from registry_app.changes.directories import known_directories

# A scan that finds less than this share of the known directories of a root may not be right.
LEAST_SHARE = 0.5


@dataclass(frozen=True, kw_only=True)
class LostRoot:
    """A root with the number of directories that the registry knows in it, and of those there."""

    root: Path
    known: int
    there: int


def lost_roots(roots: Sequence[Path]) -> list[LostRoot]:
    """Return the roots in which less than half of the known directories are left.

    Archived experiments do not count.
    """
    directories = [known for known in known_directories() if known.written is not None]
    found = []
    for root in roots:
        inside = [known for known in directories if known.written and known.written.parent == root]
        there = sum(known.is_there for known in inside)
        if inside and there < LEAST_SHARE * len(inside):
            found.append(LostRoot(root=root, known=len(inside), there=there))
    return found
