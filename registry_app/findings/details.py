"""The draft of a scan as plain values, with what only a reader of the draft wants to know."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from registry_app.arguments.parameters import Parameter
from registry_app.document.writer import plain
from registry_app.fields.names import fields_of_document
from registry_app.findings.surroundings import surroundings
from registry_app.inference.purpose.entry_points import EntryScript
from registry_app.scan.run import ScanResult
from registry_app.scan.scanned import ScannedExperiment

_PARAMETER: dict[str, Any] = {
    "name": "",
    "flag": "",
    "positional": False,
    "type": "",
    "action": "",
    "nargs": None,
    "default": None,
    "default_expr": "",
    "required": False,
    "choices": [],
}


def with_details(result: ScanResult) -> dict[str, Any]:
    """Return the draft with the scripts of each type, what else was seen, and evidence.

    These keys are for reading and scoring; an import refuses them.
    """
    data = plain(result.document)
    for one in result.experiments:
        _add_details(data["experiments"][one.document.name], one)
    return data


def _add_details(row: dict[str, Any], one: ScannedExperiment) -> None:
    entry_points = row.setdefault("entry_points", {})
    for script in one.scripts:
        for kind in script.entry.types.value:
            shown = entry_points.setdefault(kind, {}).setdefault("scripts", [])
            shown.append(_script(script.entry, kind))
    row |= one.facts.to_json() | surroundings(one.directory).to_json()
    values = fields_of_document(one.document)
    row["evidence"] = [
        {
            "field": field,
            "value": values.get(field),
            "confidence": evidence.confidence,
            "source": evidence.source,
        }
        for field, evidence in sorted(one.document.evidence.items())
    ]


def _script(entry: EntryScript, kind: str) -> dict[str, Any]:
    return {
        "path": entry.path,
        "type": kind,
        "params": [_parameter(one) for one in entry.command_line.parameters],
        "fixed": [asdict(one) for one in entry.fixed],
    }


def _parameter(one: Parameter) -> dict[str, Any]:
    row = _PARAMETER | one.to_json()
    if one.is_switch or one.type == "truthy":
        row["type"] = "bool"
    if one.default_expr:
        # A reader looks for a default in one place; `default_expr` tells that it is computed.
        row["default"] = one.default_expr
    return row
