"""Read the bytes of a CSV file or a workbook, as spreadsheet programs write them, into rows.

Korean Excel writes CSV in CP949, with semicolons in some locales, and as UTF-16 with tabs. A
workbook may begin with an empty sheet, and may have a formatted cell a million rows below.
"""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import openpyxl  # type: ignore[import-untyped]

from registry_app.exceptions import Problem, RegistryFileError
from registry_app.messages import Message
from registry_app.resources.cells import is_blank
from registry_app.texts import cells as texts
from registry_app.texts import sheets as remarks

MAX_BYTES = 10 * 2**20
MAX_UNPACKED_BYTES = 100 * 2**20
MAX_ROWS = 100_000

# The number of a row, counted from 1, and its cells.
NumberedRow = tuple[int, Sequence[Any]]
_DELIMITERS = (",", ";", "\t")
_BYTE_ORDERS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# The first bytes of workbooks from before 2007, and of those with a password.
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The non-blank rows of a sheet, and remarks for the user."""

    rows: tuple[NumberedRow, ...]
    remarks: tuple[Message, ...] = ()


def read_sheet_file(data: bytes) -> Sheet:
    """Return the rows of a CSV file or of the first sheet of a workbook that has any.

    Raises RegistryFileError if there are none, or more than the limit.
    """
    refuse_too_large(data)
    if data.startswith(_OLD_WORKBOOK):
        raise refused(texts.OLD_WORKBOOK())
    sheet = _workbook(data) if is_zip(data) else _csv(data)
    if not sheet.rows:
        raise refused(texts.NO_ROWS())
    return sheet


def unpacked_bytes(data: bytes) -> int:
    """Return the unpacked size of a file: a workbook is a zip, which states it."""
    if not is_zip(data):
        return len(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as workbook:
            return sum(part.file_size for part in workbook.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return len(data)


def refuse_too_large(data: bytes) -> None:
    """Raise RegistryFileError for a file that is too large, packed or unpacked."""
    if len(data) > MAX_BYTES or unpacked_bytes(data) > MAX_UNPACKED_BYTES:
        raise refused(texts.TOO_LARGE(most=MAX_BYTES // 2**20))


def refused(message: Message, line: int | None = None) -> RegistryFileError:
    return RegistryFileError([Problem(message=message, line=line)])


def is_zip(data: bytes) -> bool:
    """Whether a file is a workbook rather than text."""
    return data[:2] == b"PK"


def _workbook(data: bytes) -> Sheet:
    """Return the first sheet with rows, visible sheets before hidden ones."""
    try:
        # With the values of formulas, and row by row: a sheet may be long and empty.
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = sorted(book.worksheets, key=lambda sheet: sheet.sheet_state != "visible")
        found = [(sheet.title, rows) for sheet in sheets if (rows := _rows_of(sheet))]
    except RegistryFileError:
        raise
    except Exception as error:
        # A corrupt workbook can raise many kinds of errors.
        raise refused(texts.NO_WORKBOOK()) from error
    if not found:
        return Sheet(rows=())
    (title, rows), *others = found
    notes = []
    if others:
        names = ", ".join(name for name, _rows in others)
        notes.append(remarks.OTHER_SHEETS(sheet=title, others=names))
    elif title != book.sheetnames[0]:
        notes.append(remarks.SHEET(sheet=title))
    return Sheet(rows=rows, remarks=tuple(notes))


def _rows_of(sheet: Any) -> tuple[NumberedRow, ...]:
    # The size that a sheet states includes cells that are only formatted.
    sheet.reset_dimensions()
    return _numbered(sheet.iter_rows(values_only=True))


def _csv(data: bytes) -> Sheet:
    text, notes = _text(data)
    first, _newline, rest = text.partition("\n")
    hint = first.strip().casefold()
    if hint.startswith("sep=") and len(hint) == 5:
        return Sheet(rows=_parsed(rest, hint[-1]), remarks=notes)
    return Sheet(rows=_parsed(text, _delimiter(text)), remarks=notes)


def _text(data: bytes) -> tuple[str, tuple[Message, ...]]:
    """Return the text of a CSV file; try the encodings of Excel in turn."""
    try:
        if data.startswith(_BYTE_ORDERS):
            return data.decode("utf-16"), ()
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    try:
        return data.decode("cp949"), (remarks.CP949(),)
    except UnicodeDecodeError as error:
        raise refused(texts.NO_ENCODING(), line) from error


def _delimiter(text: str) -> str:
    """Return the delimiter: the one that splits the first row into the most cells."""
    counts = {delimiter: len(next(_reader(text, delimiter), ())) for delimiter in _DELIMITERS}
    return max(_DELIMITERS, key=lambda delimiter: counts[delimiter])


def _parsed(text: str, delimiter: str) -> tuple[NumberedRow, ...]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return _numbered(reader)
    except csv.Error as error:
        raise refused(texts.NO_CSV(), reader.line_num) from error


def _reader(text: str, delimiter: str) -> Iterator[list[str]]:
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if any(not is_blank(cell) for cell in row):
                yield row
    except csv.Error:
        return


def _numbered(rows: Iterable[Sequence[Any]]) -> tuple[NumberedRow, ...]:
    """Return the non-blank rows with their numbers in the file."""
    found: list[NumberedRow] = []
    for number, cells in enumerate(rows, start=1):
        if any(not is_blank(cell) for cell in cells):
            if len(found) > MAX_ROWS:
                raise refused(texts.TOO_MANY_ROWS(most=MAX_ROWS))
            found.append((number, cells))
    return tuple(found)
