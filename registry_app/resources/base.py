"""The base of all sheets: their columns, the keys that identify rows, and their export."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, ClassVar

from import_export.resources import ModelResource

from registry_app.resources.cells import Cell, widget_of
from registry_app.schema.fields import Field


class SheetResource(ModelResource):
    """A flat table of the registry for CSV and XLSX.

    Rows are identified by names, never by database ids. The library reads and writes the files;
    imported rows become a document that is planned, see `sheet_reader`.

    A class with a `table` gets a column for each of the table's fields, after those that it
    declares; its `Meta.fields` are its keys, then `headings(table)`.
    """

    # Columns that identify a row, and those of them that may be blank.
    keys: ClassVar[tuple[str, ...]] = ()
    keys_may_be_blank: ClassVar[frozenset[str]] = frozenset()
    table: ClassVar[Sequence[Field]] = ()
    # The other columns, as keys of the registry file.
    document_fields: ClassVar[dict[str, str]] = {}
    fields: ClassVar[Any]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.table:
            cls.document_fields = {field.sheet_heading: field.name for field in cls.table}
            cells = {
                field.sheet_heading: Cell(
                    field.lookup, field.sheet_heading, widget=widget_of(field.kind)
                )
                for field in cls.table
            }
            cls.fields = OrderedDict([*cls.fields.items(), *cells.items()])


def headings(fields: Sequence[Field]) -> tuple[str, ...]:
    """Return the columns of a sheet with these fields, in their order."""
    return tuple(field.sheet_heading for field in fields)
