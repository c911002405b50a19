"""Finds in what a script said last whether the fence kept it from something."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from runs_app.runner.isolation.fence import (
    STRICT,
    frozen_folders,
    is_inside,
    real_paths,
    written_folders,
)

TAIL_BYTES = 2**15
# As the C library and Python word EACCES, also where a language other than English is set.
_REFUSED = re.compile(rb"permission denied|errno 13\b|EACCES", re.IGNORECASE)
# What sudo, ping, rootless containers and NVIDIA's loader of its module say without new rights.
_NO_PRIVILEGES = re.compile(
    rb"no new privileges|effective uid is not 0|newuidmap|nvidia-modprobe|must be setuid root",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"""['"‘’“”`]([^'"‘’“”`\n]+)['"‘’“”`]""")
_WORD = re.compile(r"(?:^|[\s:=(])(/[^\s:'\"),]+)")


class Trouble(StrEnum):
    """What the fence refused."""

    CLOSED = "closed"  # a file of the portal
    FROZEN = "frozen"  # to make something beside the way to the portal's folders
    STRICT = "strict"  # to write outside of the folders that are named
    PRIVILEGES = "privileges"  # to start a program that takes other rights


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One thing that was refused; `folder` is the one in which `path` could not be made."""

    trouble: Trouble
    path: str = ""
    folder: str = ""


def find_refusal(said: bytes, fence: Mapping[str, Any], *, cwd: Path) -> Refusal | None:
    """Return what the fence refused last by the end of standard error; None where it did nothing.

    `fence` is what was in force, as `isolation.fence.restrict` takes it.
    """
    for line in reversed(said[-TAIL_BYTES:].splitlines()):
        if _NO_PRIVILEGES.search(line):
            return Refusal(trouble=Trouble.PRIVILEGES)
        if _REFUSED.search(line):
            for path in _paths(line.decode(errors="replace")):
                if refusal := _judged(os.path.join(cwd, os.path.expanduser(path)), dict(fence)):
                    return refusal
    return None


def _paths(line: str) -> Iterator[str]:
    yield from _QUOTED.findall(line)
    yield from _WORD.findall(line)


def _judged(written: str, fence: dict[str, Any]) -> Refusal | None:
    path = os.path.realpath(written)
    opened = [*real_paths(fence, "own"), *real_paths(fence, "read"), *written_folders(fence)]
    if any(is_inside(path, one) for one in opened):
        return None
    closed = [*real_paths(fence, "hide"), *real_paths(fence, "protect")]
    if any(is_inside(path, one) for one in closed):
        return Refusal(trouble=Trouble.CLOSED, path=path)
    if fence.get("mode") == STRICT:
        return Refusal(trouble=Trouble.STRICT, path=path)
    folder = path
    while folder != "/" and not os.path.isdir(folder):
        path, folder = folder, os.path.dirname(folder)
    is_ours = os.access(folder, os.W_OK)  # else it was refused without any fence
    if folder != path and is_ours and folder in frozen_folders(fence):
        return Refusal(trouble=Trouble.FROZEN, path=path, folder=folder)
    return None
