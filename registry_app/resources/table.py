"""Reads the bytes of a CSV file or a workbook into rows; what no registry fills is refused."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from import_export.formats.base_formats import XLSX

from registry_app.exceptions import Problem, RegistryFileError
from registry_app.resources.cells import is_blank

MAX_BYTES = 10 * 2**20
MAX_UNPACKED_BYTES = 100 * 2**20
MAX_ROWS = 100_000


class SheetPlace(int):
    """The row of a cell, counted from 1 as spreadsheet programs do, that knows its column."""

    column: str

    def __new__(cls, row: int, column: str) -> SheetPlace:
        place = super().__new__(cls, row)
        place.column = column
        return place


@dataclass(frozen=True, kw_only=True)
class SheetRow:
    """One row of a table: its number, the first row being 1, and its cells by column."""

    number: int
    cells: dict[str, Any]

    def place(self, column: str) -> SheetPlace:
        return SheetPlace(self.number, column)


@dataclass(frozen=True, kw_only=True)
class Table:
    """The header and every row after it that is not blank."""

    headers: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    nameless_with_cells: int | None = None


def read_table(data: bytes) -> Table:
    """Return the table in a CSV file or in the first sheet of a workbook.

    Raises RegistryFileError where there is none, or where it is too large to be a registry.
    """
    refuse_too_large(data)
    numbered = _workbook(data) if is_zip(data) else _csv(data)
    if not numbered:
        raise refused(_("The file holds no rows. Its first row names the columns."))
    (_first, header), *rest = numbered
    if len(rest) > MAX_ROWS:
        raise refused(
            _("The sheet has more than {most} rows. Split it into several.").format(most=MAX_ROWS)
        )
    headers = tuple(str(cell if cell is not None else "").strip() for cell in header)
    rows = [
        SheetRow(number=number, cells=dict(zip(headers, cells, strict=False)))
        for number, cells in rest
    ]
    nameless = next(
        (number for number, cells in rest if _beyond_headers(headers, cells)),
        None,
    )
    return Table(headers=headers, rows=tuple(rows), nameless_with_cells=nameless)


def unpacked_bytes(data: bytes) -> int:
    """Return how large a file is to its reader: a workbook is a zip, and says so itself."""
    if not is_zip(data):
        return len(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as workbook:
            return sum(part.file_size for part in workbook.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return len(data)


def refuse_too_large(data: bytes) -> None:
    """Raise RegistryFileError for a file that is, or unpacks to be, larger than any registry."""
    if len(data) > MAX_BYTES or unpacked_bytes(data) > MAX_UNPACKED_BYTES:
        text = _("This file is too large. A spreadsheet has at most {most} MiB.")
        raise refused(text.format(most=MAX_BYTES // 2**20))


def refused(message: str, line: int | None = None) -> RegistryFileError:
    return RegistryFileError([Problem(message=message, line=line)])


def _beyond_headers(headers: Sequence[str], cells: Sequence[Any]) -> bool:
    """Whether a cell stands in a column without a name."""
    return any(
        not is_blank(cell)
        for index, cell in enumerate(cells)
        if index >= len(headers) or not headers[index]
    )


def is_zip(data: bytes) -> bool:
    """Whether a file is a workbook rather than text."""
    return data[:2] == b"PK"


def _workbook(data: bytes) -> list[tuple[int, Sequence[Any]]]:
    try:
        dataset = XLSX().create_dataset(data)
    except Exception as error:
        # Whatever a broken workbook makes its reader stumble over, of many kinds.
        raise refused(
            _("This is no workbook that can be read. Save it as XLSX or as CSV (UTF-8).")
        ) from error
    return _numbered([dataset.headers or [], *dataset])


def _csv(data: bytes) -> list[tuple[int, Sequence[Any]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise refused(
            _("The file is not UTF-8. Save it as “CSV UTF-8”, or as XLSX."), line
        ) from error
    try:
        return _numbered(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise refused(_("This is no CSV: {problem}.").format(problem=error)) from error


def _numbered(rows: Any) -> list[tuple[int, Sequence[Any]]]:
    """Return the rows that are not blank with their numbers in the file."""
    return [
        (number, cells)
        for number, cells in enumerate(rows, start=1)
        if any(not is_blank(cell) for cell in cells)
    ]
