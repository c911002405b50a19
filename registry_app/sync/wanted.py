"""The content that a registry file should have, made from the content that it has.

A value that the file only spells differently (another form of a path, an empty text for a missing
key) is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from registry_app.choices import EntryPointType
from registry_app.document.model import ExperimentDocument, RegistryDocument
from registry_app.document.reader import CUSTOMER_KEYS
from registry_app.document.writer import styled
from registry_app.fields.documents import fields_of_document
from registry_app.fields.names import is_empty, same, split_field
from registry_app.schema.fields import Field
from registry_app.schema.table import ENTRY_POINT_FIELDS, EXPERIMENT_FIELDS, keys_of

Entry = dict[str, Any]


def entry_of(document: ExperimentDocument) -> Entry:
    """Return an experiment as the portal writes it."""
    entry: Entry = styled(RegistryDocument(experiments=(document,)))["experiments"][document.name]
    return entry


def entry_with(entry: Any, read: ExperimentDocument | None, rows: ExperimentDocument) -> Any:
    """Return an experiment's entry with the values of the rows.

    `entry` is what the file has, `read` how the portal reads it. Unknown keys stay.
    """
    there = fields_of_document(read) if read is not None else {}
    wanted = fields_of_document(rows)
    differing = [
        name
        for name in {**wanted, **there}
        if not same_field(name, there.get(name), wanted.get(name))
    ]
    if not differing or (entry is not None and not isinstance(entry, dict)):
        return entry if not differing else entry_of(rows)
    fixed = entry_of(rows)
    result = _copied(entry or {})
    for name in differing:
        path = path_of(name)
        _put(result, path, _at(fixed, path))
    return _ordered(result)


def same_field(name: str, one: Any, other: Any) -> bool:
    """Whether a field has the same value; names of customers are case-insensitive."""
    if name == "site.customer" and one and other:
        return str(one).casefold() == str(other).casefold()
    return same(one, other)


def path_of(name: str) -> tuple[str, ...]:
    """Return the keys of a dotted field within an experiment's entry."""
    kind, field = split_field(name)
    return (*(("entry_points", kind) if kind else ()), *field.split("."))


def customer_with(entry: Any, rows: Mapping[str, Any] | None) -> Any:
    """Return a customer's entry with the values of the rows; None in `rows` is left alone."""
    if rows is None or (entry is not None and not isinstance(entry, dict)):
        return entry
    result = dict(entry or {})
    for key in CUSTOMER_KEYS:
        value = rows.get(key)
        if is_empty(value) and is_empty(result.get(key)):
            continue
        if not same(value, result.get(key)):
            result[key] = value
            if is_empty(value):
                del result[key]
    return _in_order(result, CUSTOMER_KEYS)


def _copied(entry: Entry) -> Entry:
    return {
        key: _copied(value) if isinstance(value, dict) else value for key, value in entry.items()
    }


def _at(entry: Any, path: Sequence[str]) -> Any:
    for key in path:
        entry = entry.get(key) if isinstance(entry, dict) else None
    return entry


def _put(entry: Entry, path: Sequence[str], value: Any) -> None:
    """Set a value; None removes the key, with the sections that become empty."""
    key, *rest = path
    if rest:
        below = entry.get(key)
        section: Entry = below if isinstance(below, dict) else {}
        _put(section, rest, value)
        value = section or None
    if value is None:
        entry.pop(key, None)
    else:
        entry[key] = value


def _ordered(entry: Entry) -> Entry:
    """Return an entry with its keys in the order of the format, which places new keys."""
    entry = _sections(_in_order(entry, keys_of(EXPERIMENT_FIELDS)), EXPERIMENT_FIELDS)
    kinds = entry.get("entry_points")
    if isinstance(kinds, dict):
        entry["entry_points"] = {
            kind: _sections(_in_order(value, keys_of(ENTRY_POINT_FIELDS)), ENTRY_POINT_FIELDS)
            if isinstance(value, dict)
            else value
            for kind, value in _in_order(kinds, EntryPointType.values).items()
        }
    return entry


def _sections(entry: Entry, fields: Sequence[Field]) -> Entry:
    for group in {field.group for field in fields} - {""}:
        if isinstance(entry.get(group), dict):
            keys = [field.key for field in fields if field.group == group]
            entry[group] = _in_order(entry[group], keys)
    return entry


def _in_order(entry: Entry, keys: Iterable[str]) -> Entry:
    known = {key: entry[key] for key in keys if key in entry}
    return known | entry
