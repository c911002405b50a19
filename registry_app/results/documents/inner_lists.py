"""Lists of objects inside an object: results per class, or the steps of a training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from registry_app.results.documents import per_class, rows_of_objects
from registry_app.results.documents.values import Values
from registry_app.results.rows import Row
from registry_app.results.words import axis_of


def rows(data: Mapping[str, Any], values: Values) -> Iterator[Row]:
    """Yield the rows of each list; where there are several, their names begin with its key."""
    lists = {str(key): value for key, value in data.items() if _has_objects(value)}
    for key, objects in lists.items():
        for row in _rows(objects, values):
            if len(lists) == 1:
                yield row
            else:
                named = {f"{key}.{name}": value for name, value in row.values.items()}
                yield row._replace(values=named)


def _rows(objects: list[dict[str, Any]], values: Values) -> Iterator[Row]:
    if rows_of_objects.are_items(objects):
        return
    if all(any(axis_of(str(key)) for key in row) for row in objects):
        yield from rows_of_objects.rows(objects, values)
    else:
        yield from per_class.rows(objects, values)


def _has_objects(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)
