"""Stores answers of interpreters as small files, because asking one means starting it."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from runs_app.system.files import write_json

logger = logging.getLogger(__name__)

CACHE = "preflight"
FORMAT = 1


def identity(path: Path) -> list[int]:
    """Return values that change when a file, or the target of a link, is replaced or written."""
    try:
        found = os.stat(path)
    except OSError:
        return []
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def entry_of(kind: str, name: str) -> Path:
    """Return the file that stores answers of this kind about `name`."""
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:32]
    return Path(settings.GUARDIANFLOW_HOME) / CACHE / f"{kind}-{digest}.json"


def read(entry: Path) -> dict[str, Any]:
    """Return a stored answer, {} if there is none or it cannot be read."""
    try:
        row = json.loads(entry.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return row if isinstance(row, dict) and row.get("format") == FORMAT else {}


def write(entry: Path, row: Mapping[str, Any]) -> None:
    """Store an answer; if that fails, the interpreter is simply asked again."""
    try:
        entry.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_json(entry, {"format": FORMAT, **row})
    except OSError as error:
        logger.warning("answer not cached file=%s error=%s", entry.name, error)
