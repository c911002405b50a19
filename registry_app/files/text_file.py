"""Writes a text where a person asked for it: whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

USUAL_MODE = 0o644


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 aside and rename, so that nobody ever reads half a file; raises OSError.

    A link is followed, as a registry file may be one into a repository. What is no plain file
    (`/dev/null`, a pipe) is written into and never replaced.
    """
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
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
        os.chmod(aside, USUAL_MODE if mode is None else stat.S_IMODE(mode))
        os.replace(aside, target)
    except BaseException:
        os.unlink(aside)
        raise


def _mode_of(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None
