"""Opens the logs of a run folder; a log that does not exist yet is empty."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from runs_app.records.kept_file import open_inside

LOGS = {"stdout": "stdout.log", "stderr": "stderr.log"}


@contextmanager
def opened(folder: Path, stream: str) -> Iterator[tuple[BinaryIO, int]]:
    """Provide a log and its present size in bytes."""
    try:
        log = open_inside(folder, LOGS[stream])
    except FileNotFoundError:
        log = io.BytesIO()
        size_bytes = 0
    else:
        size_bytes = os.fstat(log.fileno()).st_size
    with log:
        yield log, size_bytes


def size_of(folder: Path, stream: str) -> int:
    """Return the size of a log in bytes; 0 if it does not exist yet."""
    with opened(folder, stream) as (_log, size_bytes):
        return size_bytes


def read_at(log: BinaryIO, offset: int, count: int) -> bytes:
    """Return at most `count` bytes from `offset`."""
    log.seek(offset)
    return log.read(count)
