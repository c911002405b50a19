"""Detect how the cells of a table are separated, from its first two lines."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

from registry_app.results.words import axis_of

_DELIMITERS = (",", ";", "\t", "|")
_SEP_LINE = re.compile(r"(?i)sep=(.)\s*")
_WIDE_SPACE = re.compile(r"\s{2,}|\t")
_SPACE = re.compile(r"\s+")
# More columns than any writer of results has.
MAX_COLUMNS = 2_000


@dataclass(frozen=True, slots=True)
class Dialect:
    """The separator of cells: a character, or white space if `delimiter` is '' or two spaces."""

    delimiter: str

    def cells(self, line: str) -> list[str]:
        """Return the cells of a line, without the space around them."""
        if self.delimiter in {"", "  "}:
            pattern = _WIDE_SPACE if self.delimiter else _SPACE
            return pattern.split(line.strip())[:MAX_COLUMNS]
        if self.delimiter == "|":
            return [part.strip() for part in line.strip().strip("|").split("|")][:MAX_COLUMNS]
        try:
            row = next(csv.reader([line], delimiter=self.delimiter, skipinitialspace=True), [])
        except csv.Error:
            row = line.split(self.delimiter)
        return [cell.strip() for cell in row][:MAX_COLUMNS]

    @property
    def may_have_decimal_comma(self) -> bool:
        return self.delimiter != ","


def dialect_of_sep_line(line: str) -> Dialect | None:
    """Return the dialect that a spreadsheet directive names: `sep=;`."""
    named = _SEP_LINE.fullmatch(line.strip().strip('"'))
    return Dialect(named[1]) if named else None


def dialect_of(header: str, row: str) -> Dialect:
    """Return the dialect that best fits both a header and the row below it."""
    candidates = [Dialect(delimiter) for delimiter in (*_DELIMITERS, "  ", "")]
    return max(
        candidates, key=lambda dialect: _fit(dialect.cells(header), dialect.cells(row), dialect)
    )


def _fit(names: list[str], cells: list[str], dialect: Dialect) -> tuple[bool, bool, bool, int]:
    has_axis = any(axis_of(name) for name in names)
    is_even = len(names) == len(cells)
    is_sign = dialect.delimiter not in {"", "  "}
    return (
        len(names) > 1 and has_axis and is_even,
        len(names) > 1 and is_even,
        is_sign,
        len(names),
    )
