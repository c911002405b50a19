"""The list of all files that a run created, changed or deleted, as a table in its run folder.

The database has a row for each file that users look for; this list has all files.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from registry_app.messages import Message, plain
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
    """Yield the written files; none if there is no list. Raises OSError, ValueError."""
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
        replace(file, sha256=hashes[file.kept]) if file.kept in hashes and not file.sha256 else file
        for file in read(folder)
    ]
    if files:
        write(folder, files)


def _from_row(row: Mapping[str, str | None]) -> KeptFile:
    values = {name: row.get(name) for name in COLUMNS}
    if None in values.values():
        raise ValueError(f"{NAME} has a row that is not whole: {row.get('path')!r}")
    read = {"size_bytes": int(values["size_bytes"] or ""), "left_out": _plain(values["left_out"])}
    return KeptFile(**values | read)  # type: ignore[arg-type]


def _plain(sentence: str | None) -> Message | None:
    """Return why a file was skipped; the list in the run folder has English sentences."""
    return plain(sentence) if sentence else None


def _lines(files: Iterable[KeptFile]) -> Iterator[str]:
    """Yield rows without line ends; a name that contains one is quoted."""
    yield ",".join(COLUMNS)
    table = io.StringIO()
    # Before Python 3.13, only characters of the line terminator are quoted.
    rows = csv.writer(table, lineterminator=LINE_END)
    for file in files:
        rows.writerow(
            [
                *(as_text(file.path), file.change, file.size_bytes, file.sha256, file.kept),
                str(file.left_out or ""),
            ]
        )
        yield table.getvalue().removesuffix(LINE_END)
        table.seek(0)
        table.truncate()
