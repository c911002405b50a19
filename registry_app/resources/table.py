"""The table in a sheet: which row has the headings, and which column each heading means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from registry_app.messages import Message
from registry_app.resources.cells import is_blank
from registry_app.resources.headings import Headings
from registry_app.resources.sheet_files import NumberedRow, read_sheet_file
from registry_app.texts import sheets as remarks

# Manual lists may have a title above: the last row in which headings are searched.
TITLE_ROWS = 20


class SheetPlace(int):
    """The row of a cell, counted from 1 as in spreadsheet programs, with its column."""

    column: str

    def __new__(cls, row: int, column: str) -> SheetPlace:
        place = super().__new__(cls, row)
        place.column = column
        return place


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A heading as written, and the column that it means; None if unknown."""

    text: str
    column: str | None


@dataclass(frozen=True, kw_only=True)
class SheetRow:
    """One row of a table: its number, counted from 1, and its cells by column."""

    number: int
    cells: dict[str, Any]
    headings: dict[str, str]

    def place(self, column: str) -> SheetPlace:
        """Return the place of a column's cell, with the heading in the file."""
        return SheetPlace(self.number, self.headings.get(column, column))


@dataclass(frozen=True, kw_only=True)
class Table:
    """The headings, in row `header_row`, and every row after them that is not blank."""

    header_row: int
    headings: tuple[Heading, ...]
    rows: tuple[SheetRow, ...]
    remarks: tuple[Message, ...] = ()
    nameless_with_cells: int | None = None

    def written(self, column: str) -> list[str]:
        """Return the headings that mean this column."""
        return [heading.text for heading in self.headings if heading.column == column]


def read_table(data: bytes, known: Headings) -> Table:
    """Return the table in a CSV file or a workbook.

    Raises RegistryFileError if there is none, or if it is above the size limit.
    """
    sheet = read_sheet_file(data)
    at = _header(sheet.rows, known)
    number, header = sheet.rows[at]
    headings = tuple(_heading(cell, known) for cell in header)
    texts = {heading.column: heading.text for heading in reversed(headings) if heading.column}
    rows = [
        SheetRow(number=row, cells=_by_column(headings, cells), headings=texts)
        for row, cells in sheet.rows[at + 1 :]
    ]
    notes = sheet.remarks if at == 0 else (*sheet.remarks, remarks.TITLE_ROWS(row=number))
    table = Table(header_row=number, headings=headings, rows=tuple(rows), remarks=notes)
    nameless = (row for row, cells in sheet.rows[at + 1 :] if _beyond_headings(headings, cells))
    return replace(table, nameless_with_cells=next(nameless, None))


def _header(rows: Sequence[NumberedRow], known: Headings) -> int:
    """Return the row of headings: among the first rows the one with the most known headings."""
    counts = [
        sum(known.column(_word(cell)) is not None for cell in cells)
        for _number, cells in rows[:TITLE_ROWS]
    ]
    return counts.index(max(counts))


def _heading(cell: Any, known: Headings) -> Heading:
    text = _word(cell)
    return Heading(text=text, column=known.column(text))


def _by_column(headings: Sequence[Heading], cells: Sequence[Any]) -> dict[str, Any]:
    """Return the cells by column; of two headings with one meaning the first counts."""
    found: dict[str, Any] = {}
    for heading, cell in zip(headings, cells, strict=False):
        if heading.column is not None:
            found.setdefault(heading.column, cell)
    return found


def _beyond_headings(headings: Sequence[Heading], cells: Sequence[Any]) -> bool:
    """Whether a cell is in a column without a heading."""
    return any(
        not is_blank(cell)
        for index, cell in enumerate(cells)
        if index >= len(headings) or not headings[index].text
    )


def _word(cell: Any) -> str:
    return " ".join(str(cell).split()) if cell is not None else ""
