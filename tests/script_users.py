"""Another Linux user for scripts, by number: no account is made, but only root can start it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from runs_app.runner.isolation.program import program
from runs_app.runner.other_user import OtherUser
from tests.doubles import socket_unit

NUMBER = 64002
# What the first line of the helper names.
PYTHON = Path("/usr/bin/python3")


@dataclass(frozen=True)
class Unit:
    """A helper of user NUMBER that listens; `base` is a folder that every user can read."""

    base: Path
    socket: Path

    @property
    def user(self) -> OtherUser:
        return OtherUser(name=str(NUMBER), socket=str(self.socket))

    def directory(self, name: str, **files: str) -> Path:
        """Make an experiment of that user; file names have _ for a point."""
        directory = self.base / name
        directory.mkdir()
        for file, text in files.items():
            (directory / file.replace("_", ".")).write_text(text, encoding="utf-8")
        own(directory)
        return directory


def own(folder: Path) -> None:
    """Give a folder and all in it to the user of scripts."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NUMBER, NUMBER, follow_symlinks=False)


@contextmanager
def scripts_unit() -> Iterator[Unit]:
    """Let a helper listen; skips with the reason where there cannot be one."""
    if os.geteuid() != 0:
        pytest.skip("only root can start processes of another user")
    if not PYTHON.exists():
        pytest.skip(f"the helper is started with {PYTHON}, which is not here")
    base = Path(tempfile.mkdtemp(prefix="guardianflow-scripts-", dir="/srv"))
    base.chmod(0o755)
    helper = base / "guardianflow-script"
    helper.write_text(program(), encoding="utf-8")
    helper.chmod(0o755)
    socket = base / "scripts.sock"
    unit = subprocess.Popen(
        [sys.executable, socket_unit.__file__, str(socket), str(NUMBER), str(helper)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    try:
        assert unit.stdout is not None
        assert unit.stdout.readline() == b"listens\n"
        yield Unit(base, socket)
    finally:
        unit.kill()
        unit.communicate()
        shutil.rmtree(base, ignore_errors=True)


@contextmanager
def as_user(number: int) -> Iterator[None]:
    """Have the rights of another user in this process, and no more."""
    os.setegid(number)
    os.seteuid(number)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
