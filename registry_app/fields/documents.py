"""The fields of an experiment in documents: read from them, filled into them, compared with them.

Apart from the names of the fields, which every run needs: documents take long to import.
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
from registry_app.fields.names import ENTRY_POINT_PREFIX, is_empty, split_field, value_of
from registry_app.models import EntryPoint, Experiment
from registry_app.schema.fields import LISTS, TABLE, Field, FieldKind
from registry_app.schema.table import ENTRY_POINT_FIELDS, EXPERIMENT_FIELDS

# The attributes of a document that are not fields.
_OF_STRUCTURE = frozenset({"name", "entry_points", "lines", "evidence"})
D = TypeVar("D", ExperimentDocument, EntryPointDocument)


def fields_of_document(document: ExperimentDocument) -> dict[str, Any]:
    """Return every field that a document mentions, including those it sets to empty."""
    stated = {field.name: _stated(field, document) for field in EXPERIMENT_FIELDS}
    for kind in EntryPointType.values:
        if kind in document.entry_points:
            entry_point = document.entry_points[kind]
            stated |= {
                f"{ENTRY_POINT_PREFIX}{kind}.{field.name}": _stated(field, entry_point)
                for field in ENTRY_POINT_FIELDS
            }
    return {name: value for name, value in stated.items() if value is not None}


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
