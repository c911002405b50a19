"""Copies of what a run made, so that a later run cannot change them."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from runs_app.runner.snapshot import FileDelta

CHUNK_BYTES = 2**20
# Linux: shares the blocks of a file until one of both changes.
FICLONE = 0x40049409
# Longer ones fit into no database column of ours.
LONGEST_PATH = 1000
TOO_LONG = "its path is too long for the run folder"
STILL_WRITTEN = "it was still being written"


@dataclass(frozen=True, kw_only=True)
class KeptFile:
    """A file that a run created or changed.

    `kept` is its copy, relative to the run folder, always text; without one, `left_out` says why.
    """

    path: str
    change: str
    size_bytes: int
    sha256: str = ""
    kept: str = ""
    left_out: str = ""


def as_text(path: str) -> str:
    """Return a path that any database takes: bytes that are no UTF-8 become `\\xb0`."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


class _NotKeptError(Exception):
    """This one file cannot be kept; the text says why."""


def keep(
    directory: Path,
    deltas: Sequence[FileDelta],
    destination: Path,
    *,
    patterns: Sequence[str],
    limit_bytes: int,
) -> tuple[KeptFile, ...]:
    """Copy the files that match a pattern into `destination`, at most `limit_bytes` in all.

    The smallest come first, so that one huge file costs none of the others. A file that cannot be
    read, or whose name is too long for the run folder, is left out with the reason. A copy that is
    there already is kept as it is: calling this again does no harm. Raises OSError where no copy
    can be written.
    """
    left_bytes = limit_bytes
    kept: list[KeptFile] = []
    for delta in sorted(deltas, key=lambda one: (one.size_bytes, one.path)):
        one = _keep_one(
            directory,
            delta,
            destination,
            patterns=patterns,
            left_bytes=left_bytes,
            limit_bytes=limit_bytes,
        )
        left_bytes -= one.size_bytes if one.kept else 0
        kept.append(one)
    return tuple(sorted(kept, key=lambda one: one.path))


def _keep_one(
    directory: Path,
    delta: FileDelta,
    destination: Path,
    *,
    patterns: Sequence[str],
    left_bytes: int,
    limit_bytes: int,
) -> KeptFile:
    target = destination / as_text(delta.path)
    try:
        if len(as_text(delta.path)) > LONGEST_PATH:
            raise _NotKeptError(TOO_LONG)
        if target.is_file() and not target.is_symlink():
            return _as_kept(delta, target, destination, _sha256(target))
        if not _matches(delta.path, patterns):
            raise _NotKeptError("not one of the kinds of files that are kept")
        with _opened(directory, delta.path) as source:
            if max(delta.size_bytes, os.fstat(source).st_size) > left_bytes:
                mib = limit_bytes // 2**20
                raise _NotKeptError(f"the files of one run are kept up to {mib} MiB")
            aside = destination.with_name(f"{destination.name}.part")
            return _as_kept(delta, target, destination, _copy(source, target, aside=aside))
    except _NotKeptError as error:
        return _left_out(delta, str(error))
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        return _left_out(delta, TOO_LONG)


def _as_kept(delta: FileDelta, target: Path, destination: Path, sha256: str) -> KeptFile:
    return KeptFile(
        path=delta.path,
        change=delta.change,
        size_bytes=target.stat().st_size,
        sha256=sha256,
        kept=f"{destination.name}/{as_text(delta.path)}",
    )


def _left_out(delta: FileDelta, why: str) -> KeptFile:
    return KeptFile(path=delta.path, change=delta.change, size_bytes=delta.size_bytes, left_out=why)


def _matches(path: str, patterns: Sequence[str]) -> bool:
    name, whole = os.path.basename(path).lower(), path.lower()
    return any(fnmatch(name, one.lower()) or fnmatch(whole, one.lower()) for one in patterns)


def _copy(source: int, target: Path, *, aside: Path) -> str:
    """Copy one open file aside and rename it; return its SHA-256. Raises OSError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        sha256 = _copy_to(source, aside)
        os.replace(aside, target)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    return sha256


@contextmanager
def _opened(directory: Path, path: str) -> Iterator[int]:
    try:
        source = _open_inside(directory, path)
    except OSError as error:
        raise _NotKeptError(error.strerror or str(error)) from error
    try:
        yield source
    finally:
        os.close(source)


def _open_inside(directory: Path, path: str) -> int:
    """Open a regular file of the directory; no part of its path may be a link."""
    folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        *parents, name = path.split("/")
        for parent in parents:
            inner = os.open(
                parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder
            )
            os.close(folder)
            folder = inner
        source = os.open(
            name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder
        )
    finally:
        os.close(folder)
    if not stat.S_ISREG(os.fstat(source).st_mode):
        os.close(source)
        raise OSError(errno.EINVAL, "not a regular file")
    return source


def _copy_to(source: int, aside: Path) -> str:
    before = os.fstat(source)
    with aside.open("wb") as out:
        os.chmod(aside, 0o600)
        try:
            fcntl.ioctl(out.fileno(), FICLONE, source)
            sha256 = _sha256(aside)
        except OSError:  # another file system, or one that cannot share blocks
            sha256 = _copy_and_hash(source, out.fileno(), most_bytes=before.st_size)
    after = os.fstat(source)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise _NotKeptError(STILL_WRITTEN)
    return sha256


def _copy_and_hash(source: int, out: int, *, most_bytes: int) -> str:
    digest = hashlib.sha256()
    copied = 0
    while chunk := _read(source):
        copied += len(chunk)
        if copied > most_bytes:  # whoever writes on could go on for ever
            raise _NotKeptError(STILL_WRITTEN)
        digest.update(chunk)
        view = memoryview(chunk)
        while view:
            view = view[os.write(out, view) :]
    return digest.hexdigest()


def _read(source: int) -> bytes:
    try:
        return os.read(source, CHUNK_BYTES)
    except OSError as error:
        raise _NotKeptError(error.strerror or str(error)) from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
