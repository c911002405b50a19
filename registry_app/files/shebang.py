"""The first line of a script, which names the program that runs it (`#!/usr/bin/env zsh`)."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

# As much as Linux itself reads.
MAX_BYTES = 256
# Shells that can run scripts for the Bourne shell.
BOURNE_SHELLS = frozenset({"sh", "bash", "dash", "ksh", "mksh", "ash", "zsh"})
_PYTHON = re.compile(r"(?:python|pypy)[0-9.]*")


@dataclass(frozen=True, kw_only=True)
class Shebang:
    """The program of a script as written, and the options before the script.

    `is_searched`: the program is looked up in PATH, as `env` does.
    """

    program: str
    options: tuple[str, ...] = ()
    is_searched: bool = False

    @property
    def name(self) -> str:
        return PurePosixPath(self.program).name

    @property
    def is_python(self) -> bool:
        return _PYTHON.fullmatch(self.name) is not None

    @property
    def is_bourne_shell(self) -> bool:
        return self.name in BOURNE_SHELLS


def parse_shebang(head: bytes) -> Shebang | None:
    """Return the shebang at the beginning of a script; None if it names no program."""
    line, _end, _rest = head.removeprefix(b"\xef\xbb\xbf")[:MAX_BYTES].partition(b"\n")
    if not line.startswith(b"#!"):
        return None
    try:
        words = shlex.split(line[2:].decode("utf-8", "replace").strip())
    except ValueError:
        words = line[2:].decode("utf-8", "replace").split()
    if words and PurePosixPath(words[0]).name == "env":
        words = [word for word in words[1:] if word != "-S" and "=" not in word]
        words = [word.removeprefix("-S") for word in words]
        return (
            Shebang(program=words[0], options=tuple(words[1:]), is_searched=True) if words else None
        )
    return Shebang(program=words[0], options=tuple(words[1:])) if words else None


def shebang_of(script: Path) -> Shebang | None:
    """Return the shebang of a file; None if it has none or cannot be read."""
    try:
        # Non-blocking: a pipe of that name never yields a byte.
        descriptor = os.open(script, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError:
        return None
    try:
        return parse_shebang(os.read(descriptor, MAX_BYTES))
    except OSError:
        return None
    finally:
        os.close(descriptor)
