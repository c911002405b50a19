"""Numbers of rows as addresses, forms and people write them."""

from __future__ import annotations

import re

from django.urls import register_converter

# SQLite and PostgreSQL refuse a number of more than eight bytes in a comparison.
MAX_ROW_NUMBER = 2**63 - 1
_DIGITS = "[0-9]{1,19}"


def row_number(text: str) -> int:
    """Return the number of a row that `text` names; for any other text 0, which no row has."""
    if not re.fullmatch(_DIGITS, text):
        return 0
    number = int(text)
    return number if number <= MAX_ROW_NUMBER else 0


class RowNumberConverter:
    """The part `<row:pk>` of an address; one that no row can have leads nowhere (404)."""

    regex = _DIGITS

    def to_python(self, value: str) -> int:
        number = int(value)
        if number > MAX_ROW_NUMBER:
            raise ValueError(value)
        return number

    def to_url(self, value: int | str) -> str:
        return str(value)


register_converter(RowNumberConverter, "row")
