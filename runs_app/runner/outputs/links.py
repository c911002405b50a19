"""Links that are followed: those to folders and files inside the roots of the experiments.

A directory may have its `runs` on another disk. Files outside all roots are never read.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path

_roots: list[str] = []


def allow(roots: Iterable[Path]) -> None:
    """Set the folders into which links are followed from now on."""
    _roots[:] = [os.path.realpath(root) for root in roots]


def target_of(link: str, directory: Path) -> str:
    """Return the file or folder that a link of a directory leads to, '' if it is not followed.

    The target of a link back into the directory, or to a folder above it, would be walked twice.
    """
    target, inside = os.path.realpath(link), os.path.realpath(directory)
    is_allowed = any(target.startswith(root + os.sep) for root in _roots)
    is_own = f"{target}/".startswith(f"{inside}/") or inside.startswith(f"{target}/")
    return target if is_allowed and not is_own else ""


def leads_out(path: str, directory: Path) -> bool:
    """Return whether a path of a directory is that of a file elsewhere, by a link in it."""
    inside = os.path.realpath(directory)
    return not os.path.realpath(os.path.join(inside, path)).startswith(inside + os.sep)


def entered(folder: int, name: str, directory: Path) -> int:
    """Open the folder that a link leads to, if it is followed; raises OSError.

    The opened folder is checked again: a link in the path may have been changed meanwhile.
    """
    return _opened(folder, name, directory, os.O_DIRECTORY)


def opened_file(folder: int, name: str, directory: Path) -> int:
    """Open the file that a link leads to, in the same way; raises OSError."""
    return _opened(folder, name, directory, os.O_NONBLOCK)


def _opened(folder: int, name: str, directory: Path, flags: int) -> int:
    target = target_of(f"/proc/self/fd/{folder}/{name}", directory)
    if not target:
        raise OSError(errno.ENOTDIR, "a link that is not followed", name)
    opened = os.open(target, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | flags)
    if os.readlink(f"/proc/self/fd/{opened}") != target:
        os.close(opened)
        raise OSError(errno.ENOTDIR, "a link that was changed", name)
    return opened
