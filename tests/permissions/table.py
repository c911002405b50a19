"""The table: one line for each address of the portal."""

from __future__ import annotations

from tests.permissions import (
    table_people,
    table_places,
    table_registry,
    table_runs,
    table_sheets,
)
from tests.permissions.entries import Entry

TABLE: tuple[Entry, ...] = (
    *table_registry.LINES,
    *table_sheets.LINES,
    *table_places.LINES,
    *table_runs.LINES,
    *table_people.LINES,
)
