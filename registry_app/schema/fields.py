"""The type of a row in the table of fields.

Length, range, help text, label and empty value are those of the model's column, so that forms,
registry files and sheets have one limit. `check` compares the rows with the columns.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.functional import Promise

TABLE = "registry_app/schema/table.py"
MAX_WORD = 200
MAX_TEXT = 1000


class FieldKind(StrEnum):
    """The kind of a field's value; file, sheet and form read and write each kind in one way."""

    TEXT = "text"
    NOTE = "note"  # a text of several lines
    WORDS = "words"
    NUMBER = "number"
    FLAG = "flag"
    PLACE = "place"  # a part of the site, which is a row of its own
    DIRECTORY = "directory"
    SCRIPT = "script"
    PATTERNS = "patterns"
    TEMPLATE = "template"
    PARAMETERS = "parameters"
    INTERPRETER = "interpreter"
    FOLDER = "folder"
    START = "start"
    VARIABLES = "variables"
    PATHS = "paths"  # of files that a script reads, which may lie anywhere


class Section(StrEnum):
    """The section of the form with a field."""

    ABOUT = "about"
    PLACE = "place"
    TASK = "task"
    STAGE = "stage"
    COMMAND = "command"
    LIMITS = "limits"


# The kinds that are lists of texts.
LISTS = frozenset({FieldKind.WORDS, FieldKind.PATTERNS, FieldKind.PATHS})
_JSON = LISTS | {FieldKind.PARAMETERS, FieldKind.VARIABLES}
_COLUMNS: dict[FieldKind, type[models.Field[Any, Any]]] = {
    **dict.fromkeys(_JSON, models.JSONField),
    FieldKind.NUMBER: models.IntegerField,
    FieldKind.FLAG: models.BooleanField,
    FieldKind.NOTE: models.TextField,
}
_MOST = {
    "PositiveSmallIntegerField": 2**15 - 1,
    "PositiveIntegerField": 2**31 - 1,
}


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of an experiment or of an entry point.

    `name` is its key in the registry file, with dots between sections; `lookup` its column in
    `model`, or the look-up path to it in a query. `heading` is its column in a sheet.

    `is_command`: it affects what a run executes, so an engineer must confirm it (see
    `fields.confirmation`). `section` and `row` are its position in the form; fields of one row are
    next to each other. `label` and `max_length` are those of the column unless given.
    """

    name: str
    model: type[models.Model]
    lookup: str
    kind: FieldKind
    section: Section
    row: int
    is_command: bool
    heading: str = ""
    label: str | Promise = ""
    max_length: int = 0

    @property
    def key(self) -> str:
        """Its key within its section of the registry file."""
        return self.name.rpartition(".")[2]

    @property
    def group(self) -> str:
        """The section of the registry file that it is in, '' for none."""
        return self.name.rpartition(".")[0]

    @property
    def sheet_heading(self) -> str:
        return self.heading or self.key

    @property
    def form_name(self) -> str:
        """Its name in the form: that of the column, except for parts of a place."""
        return self.name.replace(".", "_") if self.kind is FieldKind.PLACE else self.lookup

    @cached_property
    def path(self) -> tuple[str, ...]:
        """The attributes from a row to the value."""
        return tuple(self.lookup.split("__"))

    @cached_property
    def column(self) -> models.Field[Any, Any]:
        """The database column of the field; raises ImproperlyConfigured."""
        model: Any = self.model
        try:
            for part in self.path[:-1]:
                model = model._meta.get_field(part).related_model
            column: models.Field[Any, Any] = model._meta.get_field(self.path[-1])
        except FieldDoesNotExist as error:
            raise ImproperlyConfigured(
                f"{error}. Add the column to the model, or repair the row of “{self.name}” in "
                f"{TABLE}."
            ) from error
        return column

    @property
    def verbose_name(self) -> str:
        return str(self.label or self.column.verbose_name)

    @property
    def empty(self) -> Any:
        """Return the empty value of the column."""
        return self.column.get_default()

    @property
    def limit(self) -> int:
        """Return the maximum length of a text, or of a word of a list."""
        if self.kind in _JSON and self.kind is not FieldKind.PATHS:
            return MAX_WORD
        return self.max_length or self.column.max_length or MAX_TEXT

    @property
    def bounds(self) -> tuple[int, int]:
        """Return the minimum and the maximum of a whole number."""
        if self.column.choices:
            numbers = [int(value) for value, _label in self.column.flatchoices]
            return min(numbers), max(numbers)
        least, most = 0, _MOST[self.column.get_internal_type()]
        for validator in self.column._validators:  # type: ignore[attr-defined]  # without those of a database
            if isinstance(validator, MinValueValidator):
                least = max(least, validator.limit_value)
            elif isinstance(validator, MaxValueValidator):
                most = min(most, validator.limit_value)
        return least, most


def check(fields: Sequence[Field], model: type[models.Model], *, other: Collection[str]) -> None:
    """Raise ImproperlyConfigured unless every editable column has one matching row.

    `other` are columns that are implied by the structure of the registry file.
    """
    for field in fields:
        wanted = _COLUMNS.get(field.kind, models.CharField)
        if not isinstance(field.column, wanted):
            raise ImproperlyConfigured(
                f"“{field.name}” of {TABLE} has the kind {field.kind}, whose column is a "
                f"{wanted.__name__}, not a {type(field.column).__name__}. Change one of the two."
            )
    _refuse_doubles(fields)
    rows = {field.lookup for field in fields}
    for column in model._meta.concrete_fields:
        is_written = column.editable and not column.primary_key
        if is_written and column.name not in rows and column.name not in other:
            raise ImproperlyConfigured(
                f"{model.__name__}.{column.name} has no row in {TABLE}. Add a Field(name=…, "
                f'lookup="{column.name}", …), or make the column editable=False if users '
                "do not write it."
            )


def _refuse_doubles(fields: Iterable[Field]) -> None:
    for part in ("name", "lookup", "sheet_heading"):
        seen: set[str] = set()
        for field in fields:
            value = getattr(field, part)
            if value in seen:
                raise ImproperlyConfigured(f"Two rows of {TABLE} have the {part} “{value}”.")
            seen.add(value)


def form_rows(fields: Iterable[Field], section: Section) -> list[str | tuple[str, ...]]:
    """Return the fields of a form section, by row."""
    rows: dict[int, list[str]] = {}
    for field in fields:
        if field.section is section:
            rows.setdefault(field.row, []).append(field.form_name)
    return [names[0] if len(names) == 1 else tuple(names) for _row, names in sorted(rows.items())]
