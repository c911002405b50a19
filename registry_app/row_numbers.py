"""Row ids in URLs and forms."""

from __future__ import annotations

import re

from django.urls import register_converter

# SQLite and PostgreSQL cannot compare with an integer of more than eight bytes.
MAX_ROW_NUMBER = 2**63 - 1


def row_number(text: str) -> int:
    """Return the row id in `text`; for any other text 0, which no row has."""
    if not re.fullmatch(r"[0-9]{1,19}", text):
        return 0
    number = int(text)
    return number if number <= MAX_ROW_NUMBER else 0


class RowNumberConverter:
    """The URL converter of `<row:pk>`; an impossible id becomes 0, so the answer is 404."""

    regex = "[0-9]+"

    def to_python(self, value: str) -> int:
        return row_number(value)

    def to_url(self, value: int | str) -> str:
        return str(value)


register_converter(RowNumberConverter, "row")
