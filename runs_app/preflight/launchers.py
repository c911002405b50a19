"""Warnings before a start: about launchers, and about files that are only pointers."""

from __future__ import annotations

from itertools import islice
from pathlib import Path, PurePosixPath

from registry_app.files.lfs_pointers import pointers_in
from registry_app.messages import Message
from registry_app.texts import remarks
from runs_app.runner.command.launcher import SHELL

MAX_POINTERS = 100


def check(directory: Path, script: str, interpreter: Path) -> list[Message]:
    """Return the warnings of a start; only reads files."""
    warnings = []
    if PurePosixPath(script).suffix.lower() in SHELL:
        from runs_app.preflight import shell_launchers

        warnings = shell_launchers.check(directory, script, interpreter)
    pointers = list(islice(pointers_in(directory), MAX_POINTERS))
    if pointers:
        warnings.append(remarks.LFS_POINTERS(count=len(pointers)).at(pointers[0]))
    return warnings
