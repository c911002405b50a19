"""Write a text to a path that a user chose: complete or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from django.conf import settings

from registry_app.files import umask


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 aside and rename, so that no reader sees half a file; raises OSError.

    Links are followed, because a registry file may be a link into a repository. A special file
    (`/dev/null`, a pipe) is written to, never replaced. An existing file keeps its mode; a new one
    gets that of the caller's umask, and inside the data directory it is private.
    """
    target = Path(os.path.realpath(path))
    theirs = umask.PRIVATE if _is_in_home(target) else umask.of_caller()
    _make_folder(target.parent, mode=0o777 & ~theirs)
    mode = _mode_of(target)
    if mode is not None and not stat.S_ISREG(mode):
        with target.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        return
    handle, aside = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(aside, 0o666 & ~theirs if mode is None else stat.S_IMODE(mode))
        os.replace(aside, target)
    except BaseException:
        os.unlink(aside)
        raise


def _is_in_home(path: Path) -> bool:
    return path.is_relative_to(os.path.realpath(settings.GUARDIANFLOW_HOME))


def _make_folder(folder: Path, *, mode: int) -> None:
    """Create a folder and its parents, with a mode that ignores the umask of this process."""
    if folder.is_dir():
        return
    _make_folder(folder.parent, mode=mode)
    with contextlib.suppress(FileExistsError):
        folder.mkdir()
        folder.chmod(mode)


def _mode_of(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None
