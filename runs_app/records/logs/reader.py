"""Reads a growing log by byte offset; the output of scripts is passed on as unchanged bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from runs_app.runner.own_file import open_own

CHUNK_BYTES = 2**16
BURST = 64


class LogReader:
    """Remembers how far a log has been read; a missing log, or one that is no file, is empty."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.offset = 0

    def pump(self, sink: Callable[[bytes], None]) -> bool:
        """Pass new bytes to `sink`, at most BURST chunks; return whether there were any."""
        for count in range(BURST):
            chunk = self.read()
            if not chunk:
                return count > 0
            sink(chunk)
        return True

    def read(self) -> bytes:
        """Return the next bytes, at most CHUNK_BYTES; b'' if there are none yet."""
        try:
            with open_own(self._path) as log:
                log.seek(self.offset)
                chunk = log.read(CHUNK_BYTES)
        except OSError:
            return b""
        self.offset += len(chunk)
        return chunk
