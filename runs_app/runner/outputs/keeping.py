"""Copies of what a run made, so that a later run cannot change them."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import translate
from pathlib import Path

from runs_app.runner.outputs import small_files
from runs_app.runner.outputs.copying import STILL_WRITTEN, NotKeptError, copy, opened
from runs_app.runner.outputs.snapshot import DELETED, FileDelta
from runs_app.runner.own_file import make_way

# Longer ones fit into no database column of ours.
LONGEST_PATH = 1000
TOO_LONG = "its path is too long for the run folder"
OTHER_KIND = "not one of the kinds of files that are kept"
OVER_LIMIT = "the files of one run are kept up to "


@dataclass(frozen=True, kw_only=True)
class KeptFile:
    """A file that a run created, changed or deleted.

    `kept` is its copy, relative to the run folder, always text; without one, `left_out` says why.
    One that is `archived` lies in the archive that `kept` names. A copy that was just made has no
    hash yet: that is read later, when nobody waits.
    """

    path: str
    change: str
    size_bytes: int
    sha256: str = ""
    kept: str = ""
    left_out: str = ""
    archived: bool = False
    changed_ns: int = 0


def as_text(path: str) -> str:
    """Return a path that any database takes: bytes that are no UTF-8 become `\\xb0`."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def is_unreadable(one: KeptFile) -> bool:
    """Return whether a file was left out because of itself, and not by a rule."""
    by_rule = (TOO_LONG, OTHER_KIND, OVER_LIMIT, STILL_WRITTEN)
    return bool(one.left_out) and not one.left_out.startswith(by_rule)


def keep(
    directory: Path,
    deltas: Sequence[FileDelta],
    destination: Path,
    *,
    patterns: Sequence[str],
    limit_bytes: int,
) -> tuple[KeptFile, ...]:
    """Copy the files that match a pattern into `destination`, at most `limit_bytes` in all.

    The smallest come first, so that one huge file costs none of the others; many small ones go
    into one archive beside `destination`. A file that cannot be read, or whose name is too long
    for the run folder, is left out with the reason. A copy that is there already is kept as it
    is: calling this again does no harm. Raises OSError where no copy can be written.
    """
    make_way(destination, for_folder=True)
    keeper = _Keeper(directory, destination, limit_bytes=limit_bytes)
    kinds = _any_of(patterns)
    wanted: list[FileDelta] = []
    kept: list[KeptFile] = []
    for delta in sorted(deltas, key=lambda one: (one.size_bytes, one.path)):
        why = _refusal(delta, kinds)
        if why is None:
            wanted.append(delta)
        else:
            kept.append(_left_out(delta, why))
    archived = small_files.for_archive(wanted)
    kept += keeper.archive([delta for delta in wanted if delta.path in archived])
    kept += [keeper.keep_one(delta) for delta in wanted if delta.path not in archived]
    return tuple(sorted(kept, key=lambda one: one.path))


def _refusal(delta: FileDelta, kinds: re.Pattern[str]) -> str | None:
    """Return why a file is not even tried; '' where there is nothing to say."""
    if delta.change == DELETED:
        return ""
    if len(as_text(delta.path)) > LONGEST_PATH:
        return TOO_LONG
    name, whole = os.path.basename(delta.path).lower(), delta.path.lower()
    return None if kinds.match(name) or kinds.match(whole) else OTHER_KIND


def _any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    """Return one expression for all patterns: thousands of files are asked of dozens of them."""
    return re.compile("|".join(translate(one.lower()) for one in patterns) or r"(?!)")


class _Keeper:
    """Makes the copies of one run, and counts what they take."""

    def __init__(self, directory: Path, destination: Path, *, limit_bytes: int) -> None:
        self._directory = directory
        self._destination = destination
        self._limit_bytes = self._left_bytes = limit_bytes

    def keep_one(self, delta: FileDelta) -> KeptFile:
        try:
            size_bytes = self._copied(delta)
        except NotKeptError as error:
            return _left_out(delta, str(error))
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
            return _left_out(delta, TOO_LONG)
        self._left_bytes -= size_bytes
        return _kept(delta, size_bytes, kept=f"{self._destination.name}/{as_text(delta.path)}")

    def _copied(self, delta: FileDelta) -> int:
        target = self._destination / as_text(delta.path)
        if target.is_file() and not target.is_symlink():
            return target.stat().st_size
        with opened(self._directory, delta.path) as source:
            if max(delta.size_bytes, os.fstat(source).st_size) > self._left_bytes:
                raise NotKeptError(self._over_limit())
            aside = self._destination.with_name(f"{self._destination.name}.part")
            return copy(source, target, aside=aside)

    def archive(self, deltas: Sequence[FileDelta]) -> list[KeptFile]:
        """Put files into the archive, which is made once; what it holds then is what was kept."""
        if not deltas:
            return []
        fitting = {delta.path for delta in deltas if self._takes(delta)}
        archive = self._destination.with_name(small_files.NAME)
        if archive.is_file() and not archive.is_symlink():
            by_name = dict(small_files.read(archive))
            members = {
                delta.path: by_name[as_text(delta.path)]
                for delta in deltas
                if as_text(delta.path) in by_name
            }
            left_out: dict[str, str] = {}
        else:
            files = [(one.path, as_text(one.path)) for one in deltas if one.path in fitting]
            members, left_out = small_files.write(archive, self._directory, files)
        return [
            replace(
                _kept(delta, members[delta.path].size_bytes, kept=small_files.NAME),
                sha256=members[delta.path].sha256,
                archived=True,
            )
            if delta.path in members
            else _left_out(delta, left_out.get(delta.path) or self._over_limit())
            for delta in deltas
        ]

    def _takes(self, delta: FileDelta) -> bool:
        fits = delta.size_bytes <= self._left_bytes
        self._left_bytes -= delta.size_bytes if fits else 0
        return fits

    def _over_limit(self) -> str:
        return f"{OVER_LIMIT}{self._limit_bytes // 2**20} MiB"


def _kept(delta: FileDelta, size_bytes: int, *, kept: str) -> KeptFile:
    return KeptFile(
        path=delta.path,
        change=delta.change,
        size_bytes=size_bytes,
        kept=kept,
        changed_ns=delta.changed_ns,
    )


def _left_out(delta: FileDelta, why: str) -> KeptFile:
    return KeptFile(
        path=delta.path,
        change=delta.change,
        size_bytes=delta.size_bytes,
        left_out=why,
        changed_ns=delta.changed_ns,
    )
