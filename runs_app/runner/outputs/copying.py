"""Copies one file of an experiment into a run folder, as cheaply as the file system allows.

Blocks are shared if possible (a later write to either file does not change the other), else the
kernel copies them. Never a hard link: the next run would write into it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from registry_app.messages import MessageError
from runs_app.runner.isolation.helper_client import HelperError
from runs_app.runner.other_user import opened_by_script_user
from runs_app.runner.outputs import links
from runs_app.runner.outputs.snapshot import Fingerprint
from runs_app.runner.own_file import make_way
from runs_app.texts.files import CHANGED_SINCE, STILL_WRITTEN

CHUNK_BYTES = 2**20
# Linux: shares the blocks of two files until one of them changes.
FICLONE = 0x40049409
# How often a file that changes while it is copied is copied again.
TRIES = 3
# Errors of the disk of the copy; any other error concerns the source.
_OWN_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})


class NotKeptError(MessageError):
    """A file cannot be saved; the message says why."""


@contextmanager
def opened(
    directory: Path, path: str, *, until_ns: int | None = None, seen: Fingerprint | None = None
) -> Iterator[int]:
    """Open a regular file of the directory; no part of its path may be a link that leads out.

    With `until_ns` (nanoseconds since 1970) a file whose content changed after that time is
    refused, and so is one that has taken the place of the file `seen` before, with its times or
    older ones; one that was only linked, or got other permissions, is not.

    A file that the portal's user cannot read is opened by the user of scripts, if that is another
    user. Raises NotKeptError, and HelperError if that user cannot be reached.
    """
    try:
        try:
            source = _open_inside(directory, path)
        except OSError as refusal:
            source = opened_by_script_user(directory, path, refusal)
    except HelperError:  # temporary: the file can be opened once the helper is reachable
        raise
    except OSError as error:
        raise NotKeptError(error.strerror or str(error)) from error
    try:
        if until_ns is not None and _has_changed(os.fstat(source), until_ns, seen):
            raise NotKeptError(CHANGED_SINCE())
        yield source
    finally:
        os.close(source)


def _has_changed(facts: os.stat_result, until_ns: int, seen: Fingerprint | None) -> bool:
    return facts.st_mtime_ns > until_ns or (seen is not None and not seen.has_content_of(facts))


def copy(source: int, target: Path, *, aside: Path) -> int:
    """Copy an open file under a temporary name and rename it; return its size in bytes.

    Raises NotKeptError if the source cannot be read or keeps changing, OSError if the copy cannot
    be written.
    """
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        size_bytes = _copy_still(source, aside)
        os.replace(aside, target)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    return size_bytes


def created(path: Path) -> BinaryIO:
    """Create a file that only its owner can read, replacing any other; raises OSError."""
    make_way(path)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    return os.fdopen(os.open(path, flags, 0o600), "wb")


def read_still(source: int) -> tuple[bytes, os.stat_result]:
    """Return a consistent copy of a small open file; raises NotKeptError."""
    for _attempt in range(TRIES):
        before = os.fstat(source)
        data = b""
        while len(data) <= before.st_size and (
            chunk := _pread(source, before.st_size + 1 - len(data), len(data))
        ):
            data += chunk
        if len(data) == before.st_size and _is_same(before, os.fstat(source)):
            return data, before
    raise NotKeptError(STILL_WRITTEN())


def _copy_still(source: int, aside: Path) -> int:
    for _attempt in range(TRIES):
        before = os.fstat(source)
        with created(aside) as out:
            _fill(source, out.fileno(), size_bytes=before.st_size)
        is_whole = not _pread(source, 1, before.st_size)
        if is_whole and _is_same(before, os.fstat(source)):
            return before.st_size
    raise NotKeptError(STILL_WRITTEN())


def _is_same(stat_result: os.stat_result, other: os.stat_result) -> bool:
    return (stat_result.st_size, stat_result.st_mtime_ns) == (other.st_size, other.st_mtime_ns)


def _fill(source: int, out: int, *, size_bytes: int) -> None:
    try:
        fcntl.ioctl(out, FICLONE, source)
    except OSError:  # different file systems, or one that cannot share blocks
        copied = _copied_by_kernel(source, out, size_bytes=size_bytes)
        _copy_by_hand(source, out, copied, size_bytes=size_bytes)


def _copied_by_kernel(source: int, out: int, *, size_bytes: int) -> int:
    """Return how many bytes the kernel copied; 0 if it cannot."""
    copied = 0
    try:
        while copied < size_bytes:
            moved = os.copy_file_range(source, out, size_bytes - copied, copied, copied)
            if not moved:
                break
            copied += moved
    except OSError as error:
        if error.errno in _OWN_ERRORS:
            raise
    return copied


def _copy_by_hand(source: int, out: int, copied: int, *, size_bytes: int) -> None:
    while copied < size_bytes:
        chunk = _pread(source, min(CHUNK_BYTES, size_bytes - copied), copied)
        if not chunk:
            return
        view = memoryview(chunk)
        while view:
            written = os.pwrite(out, view, copied)
            view, copied = view[written:], copied + written


def _pread(source: int, count: int, offset: int) -> bytes:
    try:
        return os.pread(source, count, offset)
    except OSError as error:
        raise NotKeptError(error.strerror or str(error)) from error


def _open_inside(directory: Path, path: str) -> int:
    folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        *parents, name = path.split("/")
        for parent in parents:
            try:
                inner = os.open(
                    parent,
                    os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC,
                    dir_fd=folder,
                )
            except NotADirectoryError:  # also raised for a link
                inner = links.entered(folder, parent, directory)
            os.close(folder)
            folder = inner
        try:
            source = os.open(
                name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder
            )
        except OSError as error:
            if error.errno != errno.ELOOP:  # raised for a link
                raise
            source = links.opened_file(folder, name, directory)
    finally:
        os.close(folder)
    if not stat.S_ISREG(os.fstat(source).st_mode):
        os.close(source)
        raise OSError(errno.EINVAL, "not a regular file")
    return source
