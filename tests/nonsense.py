"""What a script may put under the name of a file that is not its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path


def _folder(path: Path) -> None:
    path.mkdir()
    (path / "inside").write_text("{}")


NONSENSE: dict[str, Callable[[Path], object]] = {
    "an empty object": lambda path: path.write_text("{}"),
    "no JSON": lambda path: path.write_bytes(b"\xff\x00{nonsense\n,,,\n"),
    "a list": lambda path: path.write_text("[1, 2]\n[]\n"),
    "too deep": lambda path: path.write_text("[" * 200_000),
    "wrong kinds": lambda path: path.write_text(
        '{"format": 1, "why": 7, "exit_code": 1e400, "finished_at": {}, "started_at": "x",'
        ' "token": [], "pid": -1, "files": [], "uploads": 3, "environment": 5, "key": null}\n'
    ),
    "a newer format": lambda path: path.write_text('{"format": 99}'),
    "a link": lambda path: path.symlink_to("/etc/hostname"),
    "a link to nothing": lambda path: path.symlink_to("/nowhere/at/all"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link that never ends": lambda path: path.symlink_to("/dev/zero"),
    "a directory": _folder,
    "a pipe": os.mkfifo,
}


def put(kind: str, path: Path) -> None:
    """Replace a file by one kind of nonsense."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    NONSENSE[kind](path)
