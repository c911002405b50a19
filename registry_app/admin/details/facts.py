"""The values of a row as its page shows them.

The fields of experiments and entry points come from the schema table, those of places from the
columns of their model, so that a new plain field is shown without any code here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from registry_app.admin.details.pages import detail_address
from registry_app.admin.origins import evidence_of
from registry_app.arguments.secret_text import masked
from registry_app.choices import FieldSource
from registry_app.fields.names import is_empty, value_of
from registry_app.models import EntryPoint, Experiment, FieldProvenance
from registry_app.reading import messages_text
from registry_app.schema.fields import Field, FieldKind
from registry_app.schema.table import ENTRY_POINT_FIELDS, EXPERIMENT_FIELDS

# Shown as code: names of files and words of a command line.
_CODE = frozenset(
    {
        FieldKind.DIRECTORY,
        FieldKind.SCRIPT,
        FieldKind.PATTERNS,
        FieldKind.TEMPLATE,
        FieldKind.INTERPRETER,
        FieldKind.FOLDER,
        FieldKind.START,
        FieldKind.VARIABLES,
        FieldKind.PATHS,
    }
)
_ONE_A_LINE = frozenset({FieldKind.NOTE, FieldKind.VARIABLES, FieldKind.PARAMETERS})


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A field with its value as text, and where the value comes from.

    `is_guess`: only a scan says so; `why` is then its evidence in words, `evidence` links to it.
    `address` is the page of the row that the value names, '' for none.
    """

    field: str
    label: str
    text: str
    is_code: bool = False
    is_guess: bool = False
    evidence: SafeString | str = ""
    why: str = ""
    address: str = ""


def experiment_facts(experiment: Experiment, origins: Mapping[str, FieldProvenance]) -> list[Fact]:
    """Return the known fields of an experiment; fetch its place beforehand."""
    return _facts(experiment, EXPERIMENT_FIELDS, origins, prefix="")


def entry_point_facts(
    entry: EntryPoint, origins: Mapping[str, FieldProvenance], *, without: Iterable[str] = ()
) -> list[Fact]:
    """Return the known fields of an entry point, with secrets masked."""
    fields = [field for field in ENTRY_POINT_FIELDS if field.name not in without]
    return _facts(entry, fields, origins, prefix=f"entry_points.{entry.type}.")


def place_facts(place: Model) -> list[Fact]:
    """Return the columns of a customer, a site or a zone; fetch the rows that it refers to."""
    found = []
    for column in place._meta.concrete_fields:
        value = getattr(place, column.name)
        if column.primary_key or not column.editable or is_empty(value):
            continue
        found.append(
            Fact(
                field=column.name,
                label=str(capfirst(column.verbose_name)),
                text=_text(value, FieldKind.TEXT),
                address=detail_address(value) if column.is_relation else "",
            )
        )
    return found


def _facts(
    row: Experiment | EntryPoint,
    fields: Iterable[Field],
    origins: Mapping[str, FieldProvenance],
    *,
    prefix: str,
) -> list[Fact]:
    found = []
    for field in fields:
        value = value_of(field, row)
        if not is_empty(value):
            shown = masked(field.lookup, value, getattr(row, "parameters", ()))
            text = _display(field, row, shown)
            found.append(_fact(field, text, origins.get(prefix + field.name)))
    return found


def _fact(field: Field, text: str, origin: FieldProvenance | None) -> Fact:
    is_guess = (
        origin is not None
        and origin.source == FieldSource.SCANNED
        and field.kind is not FieldKind.DIRECTORY  # where a scan has read it
    )
    return Fact(
        field=field.name,
        label=str(capfirst(field.verbose_name)),
        text=text,
        is_code=field.kind in _CODE,
        is_guess=is_guess,
        evidence=evidence_of(origin) if origin is not None and is_guess else "",
        why=messages_text(origin.reasons) if origin is not None and is_guess else "",
    )


def _display(field: Field, row: Experiment | EntryPoint, value: Any) -> str:
    if field.column.choices:
        return str(getattr(row, f"get_{field.path[-1]}_display")())
    return _text(value, field.kind)


def _text(value: Any, kind: FieldKind) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        words = [word if isinstance(word, str) else _words(word) for word in value]
        return ("\n" if kind in _ONE_A_LINE else ", ").join(words)
    return str(value)


def _words(word: Any) -> str:
    """Return a parameter as `name = default`, anything else as JSON."""
    if isinstance(word, dict) and "name" in word:
        default = word.get("default")
        return str(word["name"]) if default is None else f"{word['name']} = {default}"
    return json.dumps(word, ensure_ascii=False)
