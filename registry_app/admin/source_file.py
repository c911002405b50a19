"""Read a few lines of an experiment's file for display, numbered as a scan numbers them.

Only files that a scan reads are shown, and only from inside the directory. Their content is
untrusted: a page escapes it, and characters that reorder or hide text are replaced here.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from registry_app.exceptions import PathRefusedError, RegistryError
from registry_app.files.paths import link_rule, script_inside
from registry_app.files.visible import visible
from registry_app.inference.code.source import NOTEBOOK, decode, read_source
from registry_app.scan.walk import MAX_READ_BYTES, is_read

LINES_AROUND = 200
MAX_LINE_LENGTH = 2000


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

    `directory` is the real path of the experiment, as `experiment_place` returns it.

    Raises PathRefusedError for a file that a scan would not read or that is outside of the
    directory, and RegistryError for a file that is missing or too large.
    """
    if not is_read(path):
        raise PathRefusedError(
            _("{path} is not a file that a scan reads, so it is not shown.").format(path=path)
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
        _("{path} does not exist any more, or cannot be read. Scan again.").format(path=path)
    )
    file = script_inside(directory, path)
    try:
        # Non-blocking: the path may by now be something else that never yields a byte.
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError as error:
        raise gone from error
    with os.fdopen(descriptor, "rb") as opened:
        is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
        if not is_file or not _is_inside(directory, path, descriptor):
            raise gone
        try:
            data = opened.read(MAX_READ_BYTES + 1)
        except OSError as error:
            raise gone from error
    if len(data) > MAX_READ_BYTES:
        raise RegistryError(
            _("{path} is larger than {limit} MiB; scans skip it too.").format(
                path=path, limit=MAX_READ_BYTES // 2**20
            )
        )
    return data


def _is_inside(directory: Path, path: str, descriptor: int) -> bool:
    """Whether an open file is inside, or is a shared script that `path` links to.

    A link may have been placed in its path meanwhile.

    The directory itself is not resolved again, because it may have become a link too.
    """
    try:
        place = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
    except OSError:
        return False
    return place.is_relative_to(directory) or link_rule().allows(path, str(place))


def _printable(line: str) -> str:
    shown = line[:MAX_LINE_LENGTH]
    text = visible(shown, keep="\t")
    return f"{text} …" if len(line) > MAX_LINE_LENGTH else text
