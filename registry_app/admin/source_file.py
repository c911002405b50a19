"""Reads a few lines of an experiment's file for people, in the lines that a scan counts.

Only files that a scan reads are shown, and only from inside the directory. What they hold is
hostile: a page escapes it, and signs that would turn or hide text are replaced here.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from registry_app.exceptions import PathRefusedError, RegistryError
from registry_app.files.paths import script_inside
from registry_app.files.visible import visible
from registry_app.inference.code.source import NOTEBOOK, decode, read_source
from registry_app.scan.walk import MAX_READ_BYTES, is_read

LINES_AROUND = 200
LONGEST_LINE = 2000


@dataclass(frozen=True, kw_only=True)
class SourceLines:
    """Lines `first` and following of `total`, counted from 1.

    Of a notebook these are the code cells, one after the other, as a scan reads them.
    """

    first: int
    lines: tuple[str, ...]
    total: int
    is_notebook: bool

    @property
    def last(self) -> int:
        return self.first + len(self.lines) - 1


def read_lines(directory: Path, path: str, *, around: int = 1) -> SourceLines:
    """Return the lines around one line of a file; beyond the end, those at the end.

    `directory` is where the experiment really lies, as `experiment_place` returns it.

    Raises PathRefusedError for what a scan would not read or what leads out of the directory, and
    RegistryError for what is not there or too large.
    """
    if not is_read(path):
        raise PathRefusedError(
            _("{path} is no file that a scan reads, so it is not shown.").format(path=path)
        )
    data = _read(directory, path)
    is_notebook = path.lower().endswith(NOTEBOOK)
    text = read_source(path, data).text if is_notebook else decode(data)[0]
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    middle = min(max(around, 1), max(len(lines), 1))
    first = max(1, middle - LINES_AROUND)
    shown = lines[first - 1 : middle + LINES_AROUND]
    return SourceLines(
        first=first,
        lines=tuple(_printable(line) for line in shown),
        total=len(lines),
        is_notebook=is_notebook,
    )


def _read(directory: Path, path: str) -> bytes:
    gone = RegistryError(
        _("{path} is not there any more, or cannot be read. Scan again.").format(path=path)
    )
    file = script_inside(directory, path)
    try:
        # Not waiting: something else may lie there by now that never gives a byte.
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError as error:
        raise gone from error
    with os.fdopen(descriptor, "rb") as opened:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode) or not _is_inside(directory, descriptor):
            raise gone
        try:
            data = opened.read(MAX_READ_BYTES + 1)
        except OSError as error:
            raise gone from error
    if len(data) > MAX_READ_BYTES:
        raise RegistryError(
            _("{path} is larger than {limit} MiB; a scan does not read it either.").format(
                path=path, limit=MAX_READ_BYTES // 2**20
            )
        )
    return data


def _is_inside(directory: Path, descriptor: int) -> bool:
    """Whether an open file lies inside: a link may have been put in its way meanwhile.

    The directory itself is not resolved again, as it may have become a link as well.
    """
    try:
        place = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
    except OSError:
        return False
    return place.is_relative_to(directory)


def _printable(line: str) -> str:
    shown = line[:LONGEST_LINE]
    text = visible(shown, keep="\t")
    return f"{text} …" if len(line) > LONGEST_LINE else text
