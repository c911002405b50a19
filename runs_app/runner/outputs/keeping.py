"""Saves copies of a run's outputs, so that a later run cannot change them."""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from registry_app.messages import Message
from runs_app.runner.outputs import small_files
from runs_app.runner.outputs.choice import Rule
from runs_app.runner.outputs.copying import NotKeptError, copy, opened
from runs_app.runner.outputs.crowds import Crowd, crowds_of
from runs_app.runner.outputs.kinds import Rank, rank_of, sets_of
from runs_app.runner.outputs.snapshot import CHANGED, DELETED, FileDelta
from runs_app.runner.own_file import make_way
from runs_app.texts import files as texts

# Longer paths do not fit into our database columns.
MAX_PATH_LENGTH = 1000
# Skipped because of a rule, not because of a problem with the file.
_BY_RULE = frozenset(
    text.code
    for text in (
        *(texts.PATH_TOO_LONG, texts.OTHER_KIND, texts.OVER_LIMIT, texts.STILL_WRITTEN),
        *(texts.JUNK, texts.DATA_RUN, texts.CROWDED, texts.CROWDED_TOGETHER, texts.CHANGED_SINCE),
    )
)


@dataclass(frozen=True, kw_only=True)
class KeptFile:
    """A file that a run created, changed or deleted.

    `kept` is its copy, relative to the run folder, always text; without a copy, `left_out` is the
    reason. An `archived` file is in the archive that `kept` names. A copy that was just made has no
    hash yet: it is computed later, when no user waits. With `members` it stands for that many files
    of the folder `path`.
    """

    path: str
    change: str
    size_bytes: int
    sha256: str = ""
    kept: str = ""
    left_out: Message | None = None
    archived: bool = False
    changed_ns: int = 0
    members: int = 0


def as_text(path: str) -> str:
    """Return a path that any database accepts: bytes that are not UTF-8 become `\\xb0`."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def is_unreadable(file: KeptFile) -> bool:
    """Return whether a file was skipped because of a problem with it, not by a rule."""
    return file.left_out is not None and file.left_out.code not in _BY_RULE


def is_result_changed_since(file: KeptFile) -> bool:
    """Return whether weights or a table were skipped because something changed them since."""
    is_result = rank_of(file.path) in {Rank.WEIGHTS, Rank.TABLES}
    return (
        is_result and file.left_out is not None and file.left_out.code == texts.CHANGED_SINCE.code
    )


def keep(
    directory: Path,
    deltas: Sequence[FileDelta],
    destination: Path,
    *,
    rule: Rule,
    limit_bytes: int,
    until_ns: int | None = None,
    archive: str = small_files.NAME,
) -> tuple[KeptFile, ...]:
    """Copy the files that the rule takes into `destination`, at most `limit_bytes` in all.

    Weights come first, then tables, then logs, settings and reports, then the rest; in each of
    these the smallest, so that one huge file does not displace others. A folder with thousands of
    new files and no weights is one line, and so are numbered folders that hold as many together.
    Many small files go into one `archive` next to `destination`, which belongs to this directory
    alone. Of a set such as `model.xml` and `model.bin` all files are copied or none, each as a
    separate file. A file that cannot be read, was changed after `until_ns`, or whose name is too
    long for the run folder, is skipped with the reason. An existing copy is left unchanged, so the
    call is repeatable. Raises OSError if no copy can be written.
    """
    make_way(destination, for_folder=True)
    wanted: list[FileDelta] = []
    kept: list[KeptFile] = []
    for delta in sorted(deltas, key=lambda delta: (delta.size_bytes, delta.path)):
        if delta.change == DELETED:
            kept.append(_skipped(delta, None))
        elif why := _refusal(delta, rule):
            kept.append(_skipped(delta, why))
        else:
            wanted.append(delta)
    sets = sets_of(delta.path for delta in wanted)
    in_sets = frozenset().union(*sets)
    if rule.is_usual:
        crowds = crowds_of([delta for delta in wanted if not rule.names(delta.path)], in_sets)
        kept += map(_line, crowds)
        lined = {delta.path for crowd in crowds for delta in crowd.deltas}
        wanted = [delta for delta in wanted if delta.path not in lined]
    keeper = _Keeper(
        directory, destination, limit_bytes=limit_bytes, until_ns=until_ns, archive=archive
    )
    archived = small_files.for_archive([delta for delta in wanted if delta.path not in in_sets])
    chosen: list[FileDelta] = []
    for group in _groups(wanted, sets, in_sets):
        if group[0].path not in archived:
            kept += keeper.keep_together(group)
        else:
            chosen += keeper.chosen(group, kept)
    kept += keeper.archive(sorted(chosen, key=lambda delta: (delta.size_bytes, delta.path)))
    return tuple(sorted(kept, key=lambda file: file.path))


def _groups(
    deltas: Sequence[FileDelta], sets: Sequence[frozenset[str]], in_sets: Collection[str]
) -> list[list[FileDelta]]:
    """Return the files that are copied together or not at all, in the order of copying."""
    first = {path: min(group) for group in sets for path in group}
    groups: dict[str, list[FileDelta]] = {}
    for delta in deltas:
        groups.setdefault(first.get(delta.path, delta.path), []).append(delta)

    def place(group: Sequence[FileDelta]) -> tuple[int, int]:
        path = group[0].path
        return rank_of(path, in_set=path in in_sets), _size_bytes(group)

    return sorted(groups.values(), key=place)


def _size_bytes(group: Sequence[FileDelta]) -> int:
    return sum(delta.size_bytes for delta in group)


def _refusal(delta: FileDelta, rule: Rule) -> Message | None:
    """Return why a file is not tried, None if it is."""
    if len(as_text(delta.path)) > MAX_PATH_LENGTH:
        return texts.PATH_TOO_LONG()
    return rule.refusal(delta.path, delta.size_bytes)


def _line(crowd: Crowd) -> KeptFile:
    changes = {delta.change for delta in crowd.deltas}
    count = len(crowd.deltas)
    return KeptFile(
        path=crowd.path,
        change=changes.pop() if len(changes) == 1 else CHANGED,
        size_bytes=crowd.size_bytes,
        left_out=(
            texts.CROWDED_TOGETHER(count=count, folders=crowd.folders)
            if crowd.folders > 1
            else texts.CROWDED(count=count)
        ),
        changed_ns=max(delta.changed_ns for delta in crowd.deltas),
        members=count,
    )


class _Keeper:
    """Makes the copies of one run, and adds up their sizes."""

    def __init__(
        self,
        directory: Path,
        destination: Path,
        *,
        limit_bytes: int,
        until_ns: int | None,
        archive: str,
    ) -> None:
        self._directory = directory
        self._destination = destination
        self._until_ns = until_ns
        self._archive = archive
        self._limit_bytes = self._left_bytes = limit_bytes

    def keep_together(self, group: Sequence[FileDelta]) -> list[KeptFile]:
        """Copy the files of a group, or none of them if not all fit."""
        if len(group) > 1 and _size_bytes(group) > self._left_bytes:
            return [_skipped(delta, self._over_limit()) for delta in group]
        return [self.keep_one(delta) for delta in group]

    def keep_one(self, delta: FileDelta) -> KeptFile:
        try:
            size_bytes = self._copied(delta)
        except NotKeptError as error:
            return _skipped(delta, error.message)
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
            return _skipped(delta, texts.PATH_TOO_LONG())
        self._left_bytes -= size_bytes
        return _kept(delta, size_bytes, kept=f"{self._destination.name}/{as_text(delta.path)}")

    def _copied(self, delta: FileDelta) -> int:
        target = self._destination / as_text(delta.path)
        if target.is_file() and not target.is_symlink():
            return target.stat().st_size
        with self._opened(delta) as source:
            if max(delta.size_bytes, os.fstat(source).st_size) > self._left_bytes:
                raise NotKeptError(self._over_limit())
            aside = self._destination.with_name(f"{self._destination.name}.part")
            return copy(source, target, aside=aside)

    def _opened(self, delta: FileDelta) -> AbstractContextManager[int]:
        return opened(self._directory, delta.path, until_ns=self._until_ns, seen=delta.seen)

    def chosen(self, group: Sequence[FileDelta], kept: list[KeptFile]) -> list[FileDelta]:
        """Return the files of a group that fit, for the archive; add the others to `kept`."""
        fitting = []
        for delta in group:
            if delta.size_bytes <= self._left_bytes:
                self._left_bytes -= delta.size_bytes
                fitting.append(delta)
            else:
                kept.append(_skipped(delta, self._over_limit()))
        return fitting

    def archive(self, deltas: Sequence[FileDelta]) -> list[KeptFile]:
        """Write files to the archive, which is made once; an existing archive is used as it is."""
        if not deltas:
            return []
        archive = self._destination.with_name(self._archive)
        skipped: dict[str, Message] = {}
        if archive.is_file() and not archive.is_symlink():
            by_name = dict(small_files.read(archive))
            members = {
                delta.path: by_name[as_text(delta.path)]
                for delta in deltas
                if as_text(delta.path) in by_name
            }
        else:
            files = [(delta, as_text(delta.path)) for delta in deltas]
            members, skipped = small_files.write(
                archive, self._directory, files, until_ns=self._until_ns
            )
        return [
            replace(
                _kept(delta, members[delta.path].size_bytes, kept=self._archive),
                sha256=members[delta.path].sha256,
                archived=True,
            )
            if delta.path in members
            else _skipped(delta, skipped.get(delta.path) or self._why_not_archived(delta))
            for delta in deltas
        ]

    def _why_not_archived(self, delta: FileDelta) -> Message:
        """Return why an archive of an earlier attempt lacks a file, as far as it still shows."""
        try:
            with self._opened(delta):
                return texts.STILL_WRITTEN()
        except NotKeptError as error:
            return error.message

    def _over_limit(self) -> Message:
        return texts.OVER_LIMIT(limit=self._limit_bytes // 2**20)


def _kept(delta: FileDelta, size_bytes: int, *, kept: str) -> KeptFile:
    return KeptFile(
        path=delta.path,
        change=delta.change,
        size_bytes=size_bytes,
        kept=kept,
        changed_ns=delta.changed_ns,
    )


def _skipped(delta: FileDelta, why: Message | None) -> KeptFile:
    return KeptFile(
        path=delta.path,
        change=delta.change,
        size_bytes=delta.size_bytes,
        left_out=why,
        changed_ns=delta.changed_ns,
    )
