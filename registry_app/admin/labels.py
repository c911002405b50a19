"""What people call a field that the registry names with dots, and how its values read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from registry_app.choices import EntryPointType
from registry_app.fields.names import (
    ENTRY_POINT_COLUMNS,
    EXPERIMENT_COLUMNS,
    SITE_FIELDS,
    is_empty,
    split_field,
)
from registry_app.models import EntryPoint, Experiment


@dataclass(frozen=True, kw_only=True)
class Word:
    """One word of a list, or a whole text; `differs` where the other side does not have it."""

    text: str
    differs: bool


def field_label(field: str) -> str:
    """Return the name of a field in the present language; an unknown one as it is."""
    kind, name = split_field(field)
    if kind and name in ENTRY_POINT_COLUMNS and kind in EntryPointType.values:
        column = EntryPoint._meta.get_field(ENTRY_POINT_COLUMNS[name])
        return f"{EntryPointType(kind).label} · {_verbose(column)}"
    if field in EXPERIMENT_COLUMNS:
        return str(capfirst(_verbose(Experiment._meta.get_field(EXPERIMENT_COLUMNS[field]))))
    if field in SITE_FIELDS:
        words = (_("customer"), _("region"), _("plant"), _("zone"))
        return str(capfirst(words[SITE_FIELDS.index(field)]))
    return field


def words_of(value: Any, other: Any) -> list[Word]:
    """Return a value as words to show beside `other`; nothing for an empty one."""
    if is_empty(value):
        return []
    if not isinstance(value, list):
        return [Word(text=str(value), differs=True)]
    known = other if isinstance(other, list) else []
    return [Word(text=str(one), differs=one not in known) for one in value]


def _verbose(column: Any) -> str:
    return str(column.verbose_name)
