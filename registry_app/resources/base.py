"""What all sheets share: their columns, the keys by which rows are found, and their export."""

from __future__ import annotations

from typing import ClassVar

from import_export.resources import ModelResource


class SheetResource(ModelResource):
    """A flat table of the registry for CSV and XLSX.

    Rows are found by names, never by numbers of the database. The library reads and writes the
    files; what comes in is turned into a document and planned, see `sheet_reader`.
    """

    # Columns that say which row is meant, and those of them that may be blank.
    keys: ClassVar[tuple[str, ...]] = ()
    keys_may_be_blank: ClassVar[frozenset[str]] = frozenset()
    # What the other columns say, as the keys of the registry file.
    said: ClassVar[dict[str, str]] = {}
