"""The fields of an experiment by dotted name, the same for files, rows and users.

A flat mapping from `site.customer`, `entry_points.train.default`, ... to plain values is what
plans compare: texts, lists, whole numbers; None, '' and [] all mean "empty".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields as dataclass_fields
from dataclasses import is_dataclass, replace
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured

from registry_app.arguments.parameters import Parameter
from registry_app.choices import EntryPointType
from registry_app.document.model import EntryPointDocument, ExperimentDocument
from registry_app.models import EntryPoint, Experiment
from registry_app.schema.fields import LISTS, TABLE, Field, FieldKind
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
_PREFIX = "entry_points."
# The attributes of a document that are not fields.
_OF_STRUCTURE = frozenset({"name", "entry_points", "lines", "evidence"})
D = TypeVar("D", ExperimentDocument, EntryPointDocument)


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
    if field.startswith(_PREFIX):
        kind, _, rest = field.removeprefix(_PREFIX).partition(".")
        return kind, rest
    return "", field


def fields_of_document(document: ExperimentDocument) -> dict[str, Any]:
    """Return every field that a document mentions, including those it sets to empty."""
    stated = {field.name: _stated(field, document) for field in EXPERIMENT_FIELDS}
    for kind in EntryPointType.values:
        if kind in document.entry_points:
            entry_point = document.entry_points[kind]
            stated |= {
                f"{_PREFIX}{kind}.{field.name}": _stated(field, entry_point)
                for field in ENTRY_POINT_FIELDS
            }
    return {name: value for name, value in stated.items() if value is not None}


def fields_of_row(experiment: Experiment) -> dict[str, Any]:
    """Return every field of a row; fetch its zone and entry points beforehand."""
    return fields_of(experiment, experiment.entry_points.all())


def fields_of(experiment: Experiment, entry_points: Iterable[EntryPoint]) -> dict[str, Any]:
    """Return every field of a row and its entry points; fetch its zone beforehand."""
    values = {field.name: value_of(field, experiment) for field in EXPERIMENT_FIELDS}
    for row in entry_points:
        values |= {
            f"{_PREFIX}{row.type}.{field}": getattr(row, name)
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


def document_of_row(experiment: Experiment) -> ExperimentDocument:
    """Return a row as a document with all fields that are set, and None for the others."""
    entry_points = {
        row.type: _filled(EntryPointDocument(), ENTRY_POINT_FIELDS, row)
        for row in sorted(experiment.entry_points.all(), key=_order)
    }
    document = ExperimentDocument(
        name=experiment.name, path=experiment.path, entry_points=entry_points
    )
    return _filled(document, EXPERIMENT_FIELDS, experiment)


def _filled(document: D, fields: Iterable[Field], row: Experiment | EntryPoint) -> D:
    """Return the document filled from the row."""
    values = {field: value_of(field, row) for field in fields}
    filled = {
        field.name: typed(field, value) for field, value in values.items() if not is_empty(value)
    }
    return with_values(document, filled)


def with_values(document: D, values: Mapping[str, Any]) -> D:
    """Return a copy of the document with these values, by attribute."""
    groups: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        group, _dot, key = name.rpartition(".")
        groups.setdefault(group, {})[key] = value
    own = groups.pop("", {})
    sections = {group: replace(getattr(document, group), **some) for group, some in groups.items()}
    return replace(document, **own, **sections)


def with_empty(document: ExperimentDocument, names: Iterable[str]) -> ExperimentDocument:
    """Return a document that sets these dotted fields to empty."""
    emptied: dict[str, dict[str, Any]] = {}
    for dotted in names:
        kind, name = split_field(dotted)
        fields = ENTRY_POINT_FIELDS if kind else EXPERIMENT_FIELDS
        field = next((field for field in fields if field.name == name), None)
        if field is not None:
            emptied.setdefault(kind, {})[name] = typed(field, field.empty)
    own = emptied.pop("", {})
    entry_points = {
        kind: with_values(document.entry_points.get(kind, EntryPointDocument()), values)
        for kind, values in emptied.items()
    }
    document = replace(document, entry_points={**document.entry_points, **entry_points})
    return with_values(document, own)


def _stated(field: Field, document: ExperimentDocument | EntryPointDocument) -> Any:
    """Return a document's value of a field as plain data, None if it does not mention it."""
    section = getattr(document, field.group) if field.group else document
    value = getattr(section, field.key)
    if value is None:
        return None
    if field.kind is FieldKind.PARAMETERS:
        return [row.to_json(curated_only=True) for row in value]
    return list(value) if field.kind in LISTS else value


def typed(field: Field, value: Any) -> Any:
    """Return a plain value in the type that a document uses."""
    if field.kind is FieldKind.PARAMETERS:
        return tuple(Parameter.from_json(row) for row in value)
    return tuple(value) if field.kind in LISTS else value


def _order(row: EntryPoint) -> int:
    return EntryPointType.values.index(row.type)


def check_documents(
    fields: Iterable[Field], document: ExperimentDocument | EntryPointDocument
) -> None:
    """Raise ImproperlyConfigured unless a document has an attribute for each field, and no other.

    `document` is an empty one; its sections are documents too.
    """
    wanted = {field.name for field in fields}
    there = set(_attributes(document)) - _OF_STRUCTURE
    for name in sorted(wanted ^ there):
        what = f"an attribute for “{name}”" if name in wanted else f"“{name}”, which has no row"
        raise ImproperlyConfigured(
            f"{type(document).__name__} of registry_app/document/model.py and {TABLE} differ: the "
            f"document {'lacks' if name in wanted else 'has'} {what}. Add it there, or take it out."
        )


def _attributes(document: Any) -> Iterator[str]:
    for attribute in dataclass_fields(document):
        value = getattr(document, attribute.name)
        if is_dataclass(value):
            yield from (f"{attribute.name}.{name}" for name in _attributes(value))
        else:
            yield attribute.name


check_documents(EXPERIMENT_FIELDS, ExperimentDocument(name="", path=""))
check_documents(ENTRY_POINT_FIELDS, EntryPointDocument())
