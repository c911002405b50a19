"""The fields of an experiment by dotted name, the same for files, rows and users.

A flat mapping from `site.customer`, `entry_points.train.default`, ... to plain values is what
plans compare: texts, lists, whole numbers; None, '' and [] all mean "empty".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from registry_app.models import EntryPoint, Experiment
from registry_app.schema.fields import Field, FieldKind
from registry_app.schema.table import ENTRY_POINT_FIELDS, EXPERIMENT_FIELDS
from registry_app.schema.table import SITE_FIELDS as PLACES

# Columns by dotted name; the parts of a site are rows of their own.
EXPERIMENT_COLUMNS = {
    field.name: field.lookup for field in EXPERIMENT_FIELDS if field.kind is not FieldKind.PLACE
}
ENTRY_POINT_COLUMNS = {field.name: field.lookup for field in ENTRY_POINT_FIELDS}
SITE_FIELDS = tuple(field.name for field in PLACES)
experiment_fields = {field.name: field for field in EXPERIMENT_FIELDS}
entry_point_fields = {field.name: field for field in ENTRY_POINT_FIELDS}
ENTRY_POINT_PREFIX = "entry_points."


def is_empty(value: Any) -> bool:
    """Whether a value is empty; False and 0 are not."""
    return value is None or value in ("", [], (), {})


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal; 1 and True are not."""
    if is_empty(one) or is_empty(other):
        return is_empty(one) and is_empty(other)
    return type(one) is type(other) and bool(one == other)


def split_field(field: str) -> tuple[str, str]:
    """Return the entry-point type and its field; ('', field) for a field of the experiment."""
    if field.startswith(ENTRY_POINT_PREFIX):
        kind, _, rest = field.removeprefix(ENTRY_POINT_PREFIX).partition(".")
        return kind, rest
    return "", field


def fields_of_row(experiment: Experiment) -> dict[str, Any]:
    """Return every field of a row; fetch its zone and entry points beforehand."""
    return fields_of(experiment, experiment.entry_points.all())


def fields_of(experiment: Experiment, entry_points: Iterable[EntryPoint]) -> dict[str, Any]:
    """Return every field of a row and its entry points; fetch its zone beforehand."""
    values = {field.name: value_of(field, experiment) for field in EXPERIMENT_FIELDS}
    for row in entry_points:
        values |= {
            f"{ENTRY_POINT_PREFIX}{row.type}.{field}": getattr(row, name)
            for field, name in ENTRY_POINT_COLUMNS.items()
        }
    return values


def value_of(field: Field, row: Experiment | EntryPoint) -> Any:
    """Return a row's value of a field; '' for an unknown part of a place."""
    value: Any = row
    for part in field.path:
        value = getattr(value, part)
        if value is None and field.kind is FieldKind.PLACE:
            return ""
    return value
