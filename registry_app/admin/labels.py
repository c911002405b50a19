"""The labels of dotted fields, and their values as words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst

from registry_app.choices import EntryPointType
from registry_app.fields.names import is_empty, split_field
from registry_app.models import VocabularyWord
from registry_app.schema.table import ENTRY_POINT_FIELDS, EXPERIMENT_FIELDS

_OF_ENTRY_POINT = {field.name: field for field in ENTRY_POINT_FIELDS}
_OF_WORD: dict[str, Any] = {
    name: VocabularyWord._meta.get_field(name) for name in ("task", "language", "note")
}
_OF_EXPERIMENT = {field.name: field for field in EXPERIMENT_FIELDS}


@dataclass(frozen=True, kw_only=True)
class Word:
    """One word of a list, or a whole text; `differs` if the other side does not have it."""

    text: str
    differs: bool


def field_label(field: str) -> str:
    """Return the label of a field in the active language; an unknown field unchanged."""
    kind, name = split_field(field)
    if kind in EntryPointType.values and name in _OF_ENTRY_POINT:
        return f"{EntryPointType(kind).label} · {_OF_ENTRY_POINT[name].verbose_name}"
    if not kind and name in _OF_EXPERIMENT:
        return str(capfirst(_OF_EXPERIMENT[name].verbose_name))
    group, _dot, column = field.partition(".")
    if group == "vocabulary" and column in _OF_WORD:
        return str(capfirst(_OF_WORD[column].verbose_name))
    return field


def words_of(value: Any, other: Any) -> list[Word]:
    """Return a value as words to show next to `other`; [] for an empty value."""
    if is_empty(value):
        return []
    if not isinstance(value, list):
        return [Word(text=str(value), differs=True)]
    known = other if isinstance(other, list) else []
    return [Word(text=str(item), differs=item not in known) for item in value]
