"""Opens files from a run folder safely; file names come from scripts and are untrusted."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO


def open_inside(folder: Path, relative: str) -> BinaryIO:
    """Open a regular file below `folder`; raises FileNotFoundError for anything else.

    A path with a symbolic link anywhere below the folder counts as missing.
    """
    base = Path(os.path.realpath(folder))
    path = base / relative
    if not relative or "\0" in relative or os.path.realpath(path) != os.path.normpath(path):
        raise FileNotFoundError(relative)
    if not path.is_relative_to(base) or ".." in Path(relative).parts:
        raise FileNotFoundError(relative)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise FileNotFoundError(relative) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundError(relative)
    return os.fdopen(descriptor, "rb")
