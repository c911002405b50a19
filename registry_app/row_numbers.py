"""Numbers of rows as addresses, forms and people write them."""

from __future__ import annotations

import re

from django.urls import register_converter

# SQLite and PostgreSQL refuse a number of more than eight bytes in a comparison.
MAX_ROW_NUMBER = 2**63 - 1


def row_number(text: str) -> int:
    """Return the number of a row that `text` names; for any other text 0, which no row has."""
    if not re.fullmatch(r"[0-9]{1,19}", text):
        return 0
    number = int(text)
    return number if number <= MAX_ROW_NUMBER else 0


class RowNumberConverter:
    """The part `<row:pk>` of an address; a number that no row can have becomes 0, so 404."""

    regex = "[0-9]+"

    def to_python(self, value: str) -> int:
        return row_number(value)

    def to_url(self, value: int | str) -> str:
        return str(value)


register_converter(RowNumberConverter, "row")
