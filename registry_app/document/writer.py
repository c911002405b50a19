"""Write a registry document, always in the same form, so that git shows only real changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from registry_app.choices import EntryPointType
from registry_app.document.model import (
    CustomerDocument,
    EntryPointDocument,
    ExperimentDocument,
    RegistryDocument,
    WordDocument,
)
from registry_app.document.yaml_text import Flow, Quoted, dump_plain
from registry_app.schema.fields import Field, FieldKind
from registry_app.schema.table import ENTRY_POINT_FIELDS, EXPERIMENT_FIELDS, keys_of


def dump(document: RegistryDocument) -> str:
    """Return the document as YAML: experiments by name, keys in the order of the format.

    Empty values are omitted; the text ends with one newline.
    """
    return dump_plain(styled(document))


def plain(document: RegistryDocument) -> dict[str, Any]:
    """Return the document as plain mappings, lists and values, with the keys of the file."""
    data: dict[str, Any] = yaml.load(dump(document), Loader=yaml.SafeLoader)
    return data


def _customer(customer: CustomerDocument) -> dict[str, Any]:
    data = {"display_name": customer.display_name, "aliases": Flow(customer.aliases or ())}
    return {key: value for key, value in data.items() if value}


def _word(word: WordDocument) -> dict[str, Any]:
    data = {"task": word.task, "language": word.language, "note": word.note}
    return {key: value for key, value in data.items() if value or key == "task"}


def styled(document: RegistryDocument) -> dict[str, Any]:
    """Return the document as plain data whose values carry the style that they are written in."""
    data: dict[str, Any] = {}
    named = [
        customer for customer in document.customers if customer.display_name or customer.aliases
    ]
    if named:
        data["customers"] = {customer.name: _customer(customer) for customer in named}
    if document.vocabulary:
        data["vocabulary"] = {word.word: _word(word) for word in document.vocabulary}
    experiments = sorted(document.experiments, key=lambda experiment: experiment.name)
    data["experiments"] = {experiment.name: _experiment(experiment) for experiment in experiments}
    return data


def _experiment(experiment: ExperimentDocument) -> dict[str, Any]:
    written = _written(EXPERIMENT_FIELDS, experiment)
    entry_points = {
        kind: _written(ENTRY_POINT_FIELDS, experiment.entry_points[kind])
        for kind in EntryPointType.values
        if kind in experiment.entry_points
    }
    written["entry_points"] = {kind: some for kind, some in entry_points.items() if some}
    keys = keys_of(EXPERIMENT_FIELDS)
    return {key: written[key] for key in keys if written.get(key, {}) != {}}


def _written(
    fields: Sequence[Field], document: ExperimentDocument | EntryPointDocument
) -> dict[str, Any]:
    """Return the values of a document, in the order of the table and without empty ones."""
    written: dict[str, Any] = {}
    for field in fields:
        section = getattr(document, field.group) if field.group else document
        value = getattr(section, field.key)
        if value is not None and value not in ("", (), {}):
            into = written.setdefault(field.group, {}) if field.group else written
            into[field.key] = _styled(field.kind, value)
    return written


def _styled(kind: FieldKind, value: Any) -> Any:
    """Return a value in the YAML style of its kind."""
    match kind:
        case FieldKind.WORDS:
            return Flow(value)
        case FieldKind.PATTERNS | FieldKind.PATHS:
            return Flow(Quoted(pattern) for pattern in value)
        case FieldKind.TEMPLATE:
            return Quoted(value)
        case FieldKind.PARAMETERS:
            return [_parameter(row.to_json(curated_only=True)) for row in value]
        case FieldKind.VARIABLES:
            return dict(sorted(value.items()))
    return value


def _parameter(row: dict[str, Any]) -> dict[str, Any]:
    return {key: Flow(value) if isinstance(value, list) else value for key, value in row.items()}
