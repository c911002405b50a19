"""The list of all that a run created, changed or deleted, as a table in its run folder.

The database has a row for each file that people look for; this has all of them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from runs_app.runner.outputs.keeping import KeptFile, as_text
from runs_app.runner.own_file import open_own
from runs_app.system.files import write_lines

NAME = "files.csv"
COLUMNS = ("path", "change", "size_bytes", "sha256", "kept", "left_out")
LINE_END = "\r\n"


def write(folder: Path, files: Iterable[KeptFile]) -> None:
    """Write the list; raises OSError."""
    write_lines(folder / NAME, _lines(files))


def read(folder: Path) -> Iterator[KeptFile]:
    """Return what was written; nothing where there is no list. Raises OSError, ValueError."""
    try:
        file = open_own(folder / NAME)
    except FileNotFoundError:
        return
    with file, io.TextIOWrapper(file, encoding="utf-8", newline="") as lines:
        try:
            for row in csv.DictReader(lines):
                yield _from_row(row)
        except csv.Error as error:
            raise ValueError(f"{NAME} cannot be read: {error}") from error


def add_hashes(folder: Path, hashes: Mapping[str, str]) -> None:
    """Fill in SHA-256 by the path of the copy in the run folder; raises OSError, ValueError."""
    files = [
        replace(one, sha256=hashes[one.kept]) if one.kept in hashes and not one.sha256 else one
        for one in read(folder)
    ]
    if files:
        write(folder, files)


def _from_row(row: Mapping[str, str | None]) -> KeptFile:
    values = {name: row.get(name) for name in COLUMNS}
    if None in values.values():
        raise ValueError(f"{NAME} has a row that is not whole: {row.get('path')!r}")
    return KeptFile(**values | {"size_bytes": int(values["size_bytes"] or "")})  # type: ignore[arg-type]


def _lines(files: Iterable[KeptFile]) -> Iterator[str]:
    """Yield rows without their line ends; a name may hold one, and is quoted then."""
    yield ",".join(COLUMNS)
    table = io.StringIO()
    # Only what may end a line is quoted, before Python 3.13.
    rows = csv.writer(table, lineterminator=LINE_END)
    for one in files:
        rows.writerow(
            [as_text(one.path), one.change, one.size_bytes, one.sha256, one.kept, one.left_out]
        )
        yield table.getvalue().removesuffix(LINE_END)
        table.seek(0)
        table.truncate()
