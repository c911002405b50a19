"""Writes files atomically: a reader sees all or nothing, even after a power failure."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from runs_app.runner.own_file import make_way


def write_json(path: Path, value: Any) -> None:
    """Write `value` as JSON with mode 0600; raise OSError if that fails."""
    write_lines(path, [json.dumps(value, ensure_ascii=False, indent=1)])


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write lines with mode 0600; if that fails, raise OSError and leave no partial file."""
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
