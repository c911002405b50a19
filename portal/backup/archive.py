"""Unpack a backup into an empty folder; trust nothing before its hash is checked."""

from __future__ import annotations

import hashlib
import os
import stat
import tarfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from portal.backup import format as fmt
from portal.backup.format import BackupError, Manifest, Member, Progress

_FILES = {fmt.MANIFEST, fmt.SQLITE, fmt.POSTGRESQL, fmt.REGISTRY, fmt.MLFLOW_STORE}
_FOLDERS = (f"{fmt.RUNS}/", f"{fmt.MLFLOW_ARTIFACTS}/")
_MAX_MANIFEST_BYTES = 2**30


def unpack(file: Path, folder: Path, *, progress: Progress) -> Manifest:
    """Unpack all of `file` below `folder` and check it; raises BackupError.

    Every member must be a plain file or folder in a known place, be listed in the manifest, and
    have its hash.
    """
    seen: dict[str, Member] = {}
    try:
        with tarfile.open(file, "r:*") as tar:
            for member in tar:
                _check(member, seen)
                if member.isdir():
                    (folder / member.name).mkdir(mode=0o700, parents=True, exist_ok=True)
                elif member.islnk():
                    _link(folder / member.linkname, folder / member.name)
                    seen[member.name] = seen[member.linkname]
                else:
                    seen[member.name] = _unpack_file(tar, member, folder)
                    progress(member.name, member.size)
        manifest = fmt.parse((folder / fmt.MANIFEST).read_bytes())
    except FileNotFoundError as error:
        raise _damaged(file, error.filename or str(error)) from error
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise _damaged(file, str(error)) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupError(
            _("{file} is not a backup that this version can read: {reason}").format(
                file=file, reason=error
            )
        ) from error
    del seen[fmt.MANIFEST]
    if seen != manifest.members:
        names = sorted(
            name
            for name in seen.keys() | manifest.members.keys()
            if seen.get(name) != manifest.members.get(name)
        )
        raise _damaged(file, ", ".join(names[:3]))
    return manifest


def _check(member: tarfile.TarInfo, seen: Collection[str]) -> None:
    """Raise tarfile.TarError unless the member is a plain file or folder in a known place.

    A second name of a plain file that was unpacked before it, in such a place, is one too.
    Stricter than tarfile's own data filter, which allows links that stay inside and which the first
    releases of Python 3.11 lack.
    """
    is_second_name = (
        member.islnk() and member.linkname in seen and member.linkname.startswith(_FOLDERS)
    )
    if not (member.isreg() or member.isdir() or is_second_name):
        raise tarfile.ExtractError(_("{name} is a link or a device").format(name=member.name))
    if member.mode & (stat.S_ISUID | stat.S_ISGID | stat.S_ISVTX):
        raise tarfile.ExtractError(
            _("{name} has a set-user-ID, set-group-ID or sticky bit").format(name=member.name)
        )
    known = member.name in _FILES if member.isreg() else False
    parts = member.name.split("/")
    if {"", ".", ".."} & set(parts) or not (known or member.name.startswith(_FOLDERS)):
        raise tarfile.ExtractError(_("{name} is in no known place").format(name=member.name))


def _link(first: Path, second: Path) -> None:
    second.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.link(first, second, follow_symlinks=False)


def _unpack_file(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> Member:
    target = folder / member.name
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    source = tar.extractfile(member)
    if source is None or (member.name == fmt.MANIFEST and member.size > _MAX_MANIFEST_BYTES):
        raise tarfile.ExtractError(member.name)
    # Exclusive: refuse a second member of the same name.
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with source, os.fdopen(descriptor, "wb") as output:
        sha256 = _copy(source, output)
    os.utime(target, (member.mtime, member.mtime))
    return Member(size_bytes=member.size, sha256=sha256)


def _copy(source: IO[bytes], output: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := source.read(fmt.CHUNK_BYTES):
        digest.update(chunk)
        output.write(chunk)
    return digest.hexdigest()


def _damaged(file: Path, reason: str) -> BackupError:
    return BackupError(
        _("{file} is not a complete backup: {reason}. Nothing was changed.").format(
            file=file, reason=reason
        )
    )
