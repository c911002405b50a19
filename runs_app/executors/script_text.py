"""The text of a script as it is in its directory, for rules that only read it."""

from __future__ import annotations

from pathlib import Path

from registry_app.exceptions import PathRefusedError
from registry_app.files.paths import script_inside
from registry_app.inference.code.source import decode
from runs_app.runner.own_file import read_own

MAX_BYTES = 2**20


def script_bytes(directory: Path, script: str) -> bytes:
    """Return a script's bytes; b"" if it is outside the directory, not a file, or too large."""
    try:
        return read_own(script_inside(directory, script).resolve(), max_bytes=MAX_BYTES)
    except (OSError, PathRefusedError):
        return b""


def script_text(directory: Path, script: str) -> str:
    """Return the text of a script with LF line ends, '' if it cannot be read."""
    return decode(script_bytes(directory, script))[0].replace("\r\n", "\n")
