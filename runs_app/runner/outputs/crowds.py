"""Folders in which a run made so much that one line stands for it, such as thousands of images.

The choice depends only on paths and sizes, so it is repeatable.
"""

from __future__ import annotations

import posixpath
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from runs_app.runner.outputs.kinds import Rank, rank_of
from runs_app.runner.outputs.snapshot import FileDelta

# A folder is one line if the run made more files in it than this, or more bytes.
MAX_FILES = 2000
MAX_BYTES = 2**30
# Tables, settings and logs beside the images are saved if no more than this have one suffix.
FEW = 20


@dataclass
class Crowd:
    """What a run made in one folder; `path` ends with a slash, that of the directory is `./`."""

    path: str
    deltas: list[FileDelta] = field(default_factory=list)

    @property
    def size_bytes(self) -> int:
        """The size of all its files together."""
        return sum(delta.size_bytes for delta in self.deltas)


def crowds_of(deltas: Sequence[FileDelta], in_sets: Collection[str]) -> list[Crowd]:
    """Return the folders among `deltas` that are one line each, the deepest that are large enough.

    A folder with weights in it, or in a folder below it, is none; `in_sets` are paths of files that
    are weights together with others. What a folder is too small for counts for the one above it.
    """
    ranks = {delta.path: rank_of(delta.path, in_set=delta.path in in_sets) for delta in deltas}
    armed = {
        parent
        for delta in deltas
        if ranks[delta.path] is Rank.WEIGHTS
        for parent in _parents(posixpath.dirname(delta.path))
    }
    alike = Counter(_kind(delta.path) for delta in deltas)
    inside: dict[str, list[FileDelta]] = defaultdict(list)
    for delta in deltas:
        if ranks[delta.path] is Rank.OTHER or alike[_kind(delta.path)] > FEW:
            inside[posixpath.dirname(delta.path)].append(delta)
    found: list[Crowd] = []
    open_folders = {parent for folder in inside for parent in _parents(folder)} - armed
    # Folders below a folder come before it.
    for folder in sorted(open_folders, key=lambda path: (-path.count("/"), path == "", path)):
        own = inside.pop(folder, [])
        if len(own) > MAX_FILES or sum(delta.size_bytes for delta in own) > MAX_BYTES:
            found.append(Crowd(path=f"{folder or '.'}/", deltas=own))
        elif above := posixpath.dirname(folder):
            inside[above] += own
    return found


def _kind(path: str) -> tuple[str, str]:
    return posixpath.dirname(path), posixpath.splitext(path)[1].lower()


def _parents(folder: str) -> Iterator[str]:
    """Yield a folder and those above it, the directory itself ('') last."""
    yield folder
    while folder:
        folder = posixpath.dirname(folder)
        yield folder
