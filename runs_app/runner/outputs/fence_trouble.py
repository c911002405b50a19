"""Finds out from the end of a script's output whether the fence refused it something."""

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
# EACCES in the wording of the C library and Python, also if another language is set.
_REFUSED = re.compile(rb"permission denied|errno 13\b|EACCES", re.IGNORECASE)
# Messages of sudo, ping, rootless containers and NVIDIA's module loader without new privileges.
_NO_PRIVILEGES = re.compile(
    rb"no new privileges|effective uid is not 0|newuidmap|nvidia-modprobe|must be setuid root",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"""['"‘’“”`]([^'"‘’“”`\n]+)['"‘’“”`]""")
_WORD = re.compile(r"(?:^|[\s:=(])(/[^\s:'\"),]+)")


class Trouble(StrEnum):
    """What the fence refused."""

    CLOSED = "closed"  # a file of the portal
    FROZEN = "frozen"  # creating an entry next to the path to the portal's folders
    STRICT = "strict"  # writing outside of the named folders
    PRIVILEGES = "privileges"  # starting a program that changes its privileges


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One refusal; `folder` is the folder in which `path` could not be created."""

    trouble: Trouble
    path: str = ""
    folder: str = ""


def find_refusal(output: bytes, fence: Mapping[str, Any], *, cwd: Path) -> Refusal | None:
    """Return the fence's last refusal at the end of standard error; None if there is none.

    `fence` is the fence in force, as `isolation.fence.restrict` takes it.
    """
    for line in reversed(output[-TAIL_BYTES:].splitlines()):
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
    if any(is_inside(path, folder) for folder in opened):
        return None
    closed = [*real_paths(fence, "hide"), *real_paths(fence, "protect")]
    if any(is_inside(path, folder) for folder in closed):
        return Refusal(trouble=Trouble.CLOSED, path=path)
    if fence.get("mode") == STRICT:
        return Refusal(trouble=Trouble.STRICT, path=path)
    folder = path
    while folder != "/" and not os.path.isdir(folder):
        path, folder = folder, os.path.dirname(folder)
    is_ours = os.access(folder, os.W_OK)  # else it would be refused without a fence as well
    if folder != path and is_ours and folder in frozen_folders(fence):
        return Refusal(trouble=Trouble.FROZEN, path=path, folder=folder)
    return None
