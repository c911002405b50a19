"""The values of a version as text: names for keys, words for lists, masks for secrets."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Field, Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from registry_app.arguments.secret_text import masked
from registry_app.changes.change_sets import name_of

# Columns that the portal computes itself.
COMPUTED = frozenset(
    {"id", "completeness", "confirmed", "updated_at", "created_at", "scanned_at", "missing_since"}
)
_IN_NAME = frozenset({"experiment", "type"})


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One field whose value changed; an empty text means no value.

    `stays`: the value is unchanged; only its confirmation changed.
    """

    label: str
    old: str
    new: str
    stays: bool = False


class Names:
    """The names of rows by their keys, each looked up once; deleted rows have their last name.

    The history library calls every missing row "deleted", even one that never existed.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[type[Model], Any], str] = {}
        self._rows: dict[tuple[type[Model], Any], Model] = {}

    def learn(self, changed: Iterable[tuple[Any, Any]]) -> None:
        """Look up what pairs of versions refer to, where they differ, and not one by one."""
        wanted: dict[type[Model], set[Any]] = {}
        for record, before in changed:
            for field in _references(type(record.instance)):
                keys = {getattr(version, field.attname) for version in (record, before)}
                if len(keys) > 1:
                    wanted.setdefault(_target(field), set()).update(keys - {None})
        for model, keys in wanted.items():
            self._learn(model, keys)

    def _learn(self, model: type[Model], keys: set[Any]) -> None:
        """Fetch rows with those above them; rows that are gone as they were at last."""
        rows = model._default_manager.select_related(*_chain(model)).filter(pk__in=keys)
        found = {row.pk: row for row in rows}
        gone: dict[Any, Model] = {}
        history: Any = model.history  # type: ignore[attr-defined]
        if missing := keys - found.keys():
            last = history.filter(id__in=missing).order_by("history_id")
            gone = {record.id: record.instance for record in last}
        for field in _references(model):
            parents = {getattr(row, field.attname) for row in gone.values()} - {None}
            if parents:
                self._learn(_target(field), parents)
            for row in gone.values():
                parent = self._rows.get((_target(field), getattr(row, field.attname)))
                if parent is not None:
                    setattr(row, field.name, parent)
        for pk, row in (found | gone).items():
            self._rows[model, pk] = row
            self._known[model, pk] = name_of(row)

    def of_key(self, model: type[Model], key: Any) -> str:
        """Return the name of the row with this key, '' for none."""
        if key is None:
            return ""
        if (model, key) not in self._known:
            self._known[model, key] = self._look(model, key)
        return self._known[model, key]

    def of_row(self, row: Model) -> str:
        """Return the name that a row has in this version."""
        return name_of(row)

    def _look(self, model: type[Model], key: Any) -> str:
        row = model._default_manager.filter(pk=key).first()
        history: Any = getattr(model, "history", None)
        if row is None and history is not None:
            last = history.filter(id=key).order_by("history_id").last()
            row = last.instance if last is not None else None
        return name_of(row) if row is not None else _("no longer known")


def differences(record: Any, before: Any, names: Names) -> list[Difference]:
    """Return what changed between two versions of a row, in the order of its columns.

    Two empty values of different form, such as None and '', do not count as a change.
    """
    found = []
    for field in _decided(type(record.instance)):
        old = text_of(before.instance, field, names)
        new = text_of(record.instance, field, names)
        if old != new or _hidden_change(before.instance, record.instance, field):
            found.append(Difference(label=_label(field), old=old, new=new))
    return found


def all_values(record: Any, names: Names) -> list[Difference]:
    """Return all values of a version of an entry point, except its experiment."""
    texts = [
        (field, text_of(record.instance, field, names))
        for field in _decided(type(record.instance))
        if field.name not in _IN_NAME
    ]
    return [Difference(label=_label(field), old="", new=text) for field, text in texts if text]


def text_of(row: Model, field: Field[Any, Any], names: Names) -> str:
    """Return a row's value of a field as text with secrets masked; '' if it is empty."""
    value = getattr(row, field.attname)
    if value is None or value in ("", [], {}):
        return ""
    if field.is_relation:
        related: Any = field.related_model
        return names.of_key(related, value)
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    shown = masked(field.name, value, getattr(row, "parameters", ()))
    if isinstance(shown, list):
        return "\n".join(item if isinstance(item, str) else _json(item) for item in shown)
    return _json(shown) if isinstance(shown, dict) else str(shown)


def _references(model: type[Model]) -> list[Field[Any, Any]]:
    """Return the columns that refer to a row with a history of its own."""
    return [
        field
        for field in model._meta.concrete_fields
        if field.is_relation and hasattr(field.related_model, "history")
    ]


def _chain(model: type[Model]) -> list[str]:
    """Return the look-ups of all rows above one of this model: `site`, `site__customer`."""
    found = []
    for field in _references(model):
        found += [field.name, *(f"{field.name}__{above}" for above in _chain(_target(field)))]
    return found


def _target(field: Field[Any, Any]) -> type[Model]:
    related: Any = field.related_model
    return related  # type: ignore[no-any-return]


def _decided(model: type[Model]) -> list[Field[Any, Any]]:
    return [field for field in model._meta.concrete_fields if field.name not in COMPUTED]


def _hidden_change(before: Model, after: Model, field: Field[Any, Any]) -> bool:
    """Whether a value changed although both sides look the same, because its secret is masked."""
    old, new = getattr(before, field.attname), getattr(after, field.attname)
    return bool(old or new) and old != new and type(old) is type(new)


def _label(field: Field[Any, Any]) -> str:
    return str(capfirst(field.verbose_name))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
