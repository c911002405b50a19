"""Folders in which a run made so much that one line stands for it, such as thousands of images.

The choice depends only on paths and sizes, so it is repeatable.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from runs_app.runner.outputs.kinds import Rank, rank_of
from runs_app.runner.outputs.snapshot import FileDelta

# A folder is one line if the run made more files in it than this, or more bytes.
MAX_FILES = 2000
MAX_BYTES = 2**30
# Tables, settings and logs beside the images are saved if no more than this have one suffix. More
# numbered folders than this count together however small they are.
FEW = 20
# Numbered folders count together from this number on if each holds more than a `FEW`th of a limit.
LARGE_FOLDERS = 5
# A numbered folder with less than this part of the files that the others hold is none of them.
RARE = 10
_DIGIT = re.compile(r"\d")


@dataclass
class Crowd:
    """What a run made in one folder, or in `folders` whose names differ in numbers only.

    `path` ends with a slash; that of the directory is `./`, that of several folders a pattern such
    as `video_*/`, or `[0-9]*/` if their names are numbers.
    """

    path: str
    deltas: list[FileDelta] = field(default_factory=list)
    folders: int = 1

    @property
    def size_bytes(self) -> int:
        """The size of all its files together."""
        return sum(delta.size_bytes for delta in self.deltas)

    def is_beyond(self, share: int = 1) -> bool:
        """Return whether it holds more than 1/`share` of the files or bytes that are no line."""
        return self._has_files_beyond(share) or self.size_bytes * share > MAX_BYTES

    def is_many_beyond(self) -> bool:
        """Return whether it is beyond a limit, and no mere handful of large files."""
        return self.is_beyond() and self._has_files_beyond(FEW)

    def _has_files_beyond(self, share: int) -> bool:
        return len(self.deltas) * share > MAX_FILES


def crowds_of(deltas: Sequence[FileDelta], in_sets: Collection[str]) -> list[Crowd]:
    """Return what is one line each among `deltas`, the deepest folders that are large enough.

    A folder with weights in it, or in a folder below it, is none; `in_sets` are paths of files that
    are weights together with others. What a folder is too small for counts for the one above it.
    Folders below a folder that is large enough, holds weights or is the directory itself count
    together if their names differ in numbers only, and a few single files or small folders beside
    a crowd are no part of it: plots, reports and figures are looked at by themselves.
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
    below: dict[str, list[Crowd]] = defaultdict(list)
    folders = {parent for folder in inside for parent in _parents(folder)}
    # Folders below a folder come before it.
    for folder in sorted(folders, key=lambda path: (-path.count("/"), path == "", path)):
        own = Crowd(path=f"{folder or '.'}/", deltas=inside.pop(folder, []))
        parts = below.pop(folder, [])
        if folder in armed or not folder:
            lines, left = _together(parts)
            if folder not in armed:
                lines += _in_folder(own, [])[0]
        else:
            lines, rest = _in_folder(own, parts)
            left = [rest] if rest.deltas else []
        found += lines
        below[posixpath.dirname(folder)] += left
    return found


def _in_folder(own: Crowd, parts: Sequence[Crowd]) -> tuple[list[Crowd], Crowd]:
    """Return the lines for a folder without weights, and what counts for the folder above it.

    `own` is what lies in the folder itself, `parts` what lies in folders below it.
    """
    whole = _merged(own.path, [own, *parts])
    if not whole.is_beyond():
        return [], whole
    lines, _large_parts = _together(parts)
    lined = {delta.path for line in lines for delta in line.deltas}
    others = [part for part in [own, *parts] if part.deltas and part.deltas[0].path not in lined]
    if not others:  # its name alone says as much
        return [whole], Crowd(path=own.path)
    rest = _merged(own.path, others)
    if rest.is_beyond():
        crowd, few = _without_few(rest, others)
        if crowd.is_beyond():
            return [*lines, crowd], few
    return lines, rest


def _without_few(whole: Crowd, parts: Sequence[Crowd]) -> tuple[Crowd, Crowd]:
    """Split what a folder holds into the crowd, and the few files that are no part of it."""
    usual = _without_rare(parts)
    paths = {part.path for part in usual}
    few = [delta for part in parts if part.path not in paths for delta in part.deltas]
    few += _singles(_merged(whole.path, usual))
    rest = Crowd(path=whole.path, deltas=few)
    if len(few) > FEW or rest.is_beyond(FEW):
        return whole, Crowd(path=whole.path)
    aside = {delta.path for delta in few}
    crowd = [delta for delta in whole.deltas if delta.path not in aside]
    return Crowd(path=whole.path, deltas=crowd), rest


def _singles(folder: Crowd) -> list[FileDelta]:
    """Return the files beside thousands whose paths differ in numbers only."""
    kinds: dict[str, list[FileDelta]] = defaultdict(list)
    for delta in folder.deltas:
        kinds[_DIGIT.sub("", delta.path)].append(delta)
    crowded = {kind for kind, deltas in kinds.items() if len(deltas) > MAX_FILES}
    if not crowded:
        return []
    return [delta for kind, deltas in kinds.items() if kind not in crowded for delta in deltas]


def _merged(path: str, parts: Sequence[Crowd]) -> Crowd:
    return Crowd(path=path, deltas=[delta for part in parts for delta in part.deltas])


def _together(folders: Sequence[Crowd]) -> tuple[list[Crowd], list[Crowd]]:
    """Return lines for numbered folders, and the other large folders, which count further up.

    Most files of the folders of a line have the same suffix.
    """
    kinds: dict[tuple[str, str], list[Crowd]] = defaultdict(list)
    for folder in folders:
        kinds[_DIGIT.sub("", folder.path), _main_suffix(folder)].append(folder)
    lines: dict[str, Crowd] = {}
    others: list[Crowd] = []
    for _kind_of_folder, group in sorted(kinds.items()):
        usual = _without_rare(group)
        counted = usual if len(usual) > FEW else _large(usual)
        line = _line(counted)
        if len(counted) < LARGE_FOLDERS or not line.is_many_beyond():
            others += _large(group)
        elif same := lines.get(line.path):
            same.deltas += line.deltas
            same.folders += line.folders
        else:
            lines[line.path] = line
    return list(lines.values()), others


def _large(folders: Sequence[Crowd]) -> list[Crowd]:
    return [folder for folder in folders if folder.is_beyond(FEW)]


def _without_rare(folders: Sequence[Crowd]) -> list[Crowd]:
    """Leave out those with under a `RARE`th of the median number of files."""
    counts = sorted(len(folder.deltas) for folder in folders)
    median = counts[len(counts) // 2]
    return [folder for folder in folders if len(folder.deltas) * RARE >= median]


def _line(folders: Sequence[Crowd]) -> Crowd:
    deltas = [delta for folder in folders for delta in folder.deltas]
    return Crowd(path=_pattern([f.path for f in folders]), deltas=deltas, folders=len(folders))


def _pattern(paths: Sequence[str]) -> str:
    """Return a pattern of paths that differ in numbers only."""
    parts = zip(*(path.split("/") for path in paths), strict=True)
    return "/".join(_pattern_of_names(names) for names in parts)


def _pattern_of_names(names: Sequence[str]) -> str:
    """Return what all names begin and end with, with a `*` for the rest."""
    begin = posixpath.commonprefix(names)
    rests = [name[len(begin) :] for name in names]
    if not any(rests):
        return begin
    end = posixpath.commonprefix([rest[::-1] for rest in rests])[::-1]
    return f"{begin}*{end}" if begin or end else "[0-9]*"


def _main_suffix(folder: Crowd) -> str:
    counts = Counter(_kind(delta.path)[1] for delta in folder.deltas)
    return min(counts, key=lambda suffix: (-counts[suffix], suffix))


def _kind(path: str) -> tuple[str, str]:
    return posixpath.dirname(path), posixpath.splitext(path)[1].lower()


def _parents(folder: str) -> Iterator[str]:
    """Yield a folder and those above it, the directory itself ('') last."""
    yield folder
    while folder:
        folder = posixpath.dirname(folder)
        yield folder
