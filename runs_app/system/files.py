"""Writes a file so that a reader sees all of it or nothing, also after a power cut."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from runs_app.runner.own_file import make_way


def write_json(path: Path, value: Any) -> None:
    """Write `value` as JSON with mode 0600; raises OSError."""
    write_lines(path, [json.dumps(value, ensure_ascii=False, indent=1)])


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write lines with mode 0600; raises OSError and then leaves no half-written file."""
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.writelines(f"{line}\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())
        make_way(path)
        os.replace(aside, path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
