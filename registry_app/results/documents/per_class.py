"""Results per class: a list of objects, lists parallel to the class names, a confusion matrix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from registry_app.results import reasons
from registry_app.results.documents.flat import flat_numbers
from registry_app.results.documents.values import Values
from registry_app.results.rows import Row
from registry_app.results.spelling import key_of
from registry_app.results.tables.columns import why_ignored
from registry_app.results.words import axis_of, is_metric, is_never

_CLASS_KEYS = (
    *("class", "class_name", "classname", "category", "category_name", "name", "label", "cls"),
    *("model", "format", "backend", "클래스", "이름"),
)
_LIST_KEYS = frozenset({"classes", "class_names", "names", "labels", "categories", "클래스"})
_MATRIX_KEYS = frozenset({"confusion_matrix", "confusion", "cm", "matrix"})
MAX_CLASSES = 200


def rows(objects: Sequence[dict[str, Any]], reader: Values) -> Iterator[Row]:
    """Read a list of objects, each with a class of its own and metrics; none for any other."""
    if len(objects) > MAX_CLASSES or any(axis_of(str(key)) for key in objects[0]):
        return
    key = next((key for key in objects[0] if key_of(str(key)) in _CLASS_KEYS), None)
    if key is None:
        return
    names = [row.get(key) for row in objects]
    if any(not isinstance(name, str | int) for name in names) or len(set(names)) < len(names):
        return
    for number, (name, item) in enumerate(zip(names, objects, strict=True), start=1):
        values: dict[str, float] = {}
        for inner, value in flat_numbers(item, reader):
            if inner == key:
                continue
            if is_metric(inner) and not is_never(inner):
                values[f"{name}.{inner}"] = value
            else:
                reader.skip(inner, why_ignored(inner) or reasons.NO_METRIC())
        if values:
            yield Row(values=values, line=number)


def rows_of_parallel_lists(data: Mapping[str, Any], reader: Values) -> Iterator[Row]:
    """Read lists of metrics with the same length as the list of classes."""
    classes = _classes(data)
    if not classes:
        return
    for key, value in data.items():
        if not isinstance(value, list) or len(value) != len(classes) or not is_metric(str(key)):
            continue
        values = {
            f"{name}.{key}": number
            for name, item in zip(classes, value, strict=True)
            if (number := reader.number(f"{name}.{key}", item)) is not None
        }
        if values:
            yield Row(values=values)


def rows_of_matrix(data: Mapping[str, Any], reader: Values) -> Iterator[Row]:
    """Read a confusion matrix, by its class names or else their indexes."""
    for key, matrix in data.items():
        if key_of(str(key)) not in _MATRIX_KEYS or not _is_square(matrix):
            continue
        classes = _classes(data)
        if len(classes) != len(matrix):
            classes = [str(place) for place in range(len(matrix))]
        for name, line in zip(classes, matrix, strict=True):
            yield Row(
                values={
                    f"confusion/{name}/{other}": number
                    for other, item in zip(classes, line, strict=True)
                    if (number := reader.number(f"{key}.{name}", item)) is not None
                }
            )


def _classes(data: Mapping[str, Any]) -> list[str]:
    for key, value in data.items():
        names = list(value.values()) if isinstance(value, dict) else value
        if key_of(str(key)) in _LIST_KEYS and isinstance(names, list) and names:
            words = [str(name) for name in names if isinstance(name, str)]
            if len(words) == len(names) == len(set(words)) <= MAX_CLASSES:
                return words
    return []


def _is_square(matrix: object) -> bool:
    return (
        isinstance(matrix, list)
        and 2 <= len(matrix) <= MAX_CLASSES
        and all(isinstance(line, list) and len(line) == len(matrix) for line in matrix)
    )
