"""The draft of a scan as plain values, with details for readers of the draft only."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from registry_app.arguments.parameters import Parameter
from registry_app.document.writer import plain
from registry_app.fields.documents import fields_of_document
from registry_app.findings.surroundings import surroundings
from registry_app.inference.purpose.entry_points import EntryScript
from registry_app.reading import joint_text
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
    for experiment in result.experiments:
        _add_details(data["experiments"][experiment.document.name], experiment)
    return data


def _add_details(row: dict[str, Any], scanned: ScannedExperiment) -> None:
    entry_points = row.setdefault("entry_points", {})
    for script in scanned.scripts:
        for kind in script.entry.types.value:
            shown = entry_points.setdefault(kind, {}).setdefault("scripts", [])
            shown.append(_script(script.entry, kind))
    row |= scanned.facts.to_json() | surroundings(scanned.directory).to_json()
    values = fields_of_document(scanned.document)
    row["evidence"] = [
        {
            "field": field,
            "value": values.get(field),
            "confidence": evidence.confidence,
            "source": evidence.source,
        }
        for field, evidence in sorted(scanned.document.evidence.items())
    ]


def _script(entry: EntryScript, kind: str) -> dict[str, Any]:
    return {
        "path": entry.path,
        "type": kind,
        "params": [_parameter(parameter) for parameter in entry.command_line.parameters],
        "fixed": [asdict(value) for value in entry.fixed],
        "confidence": str(entry.types.confidence),
        "reason": joint_text(entry.types.reason),
        "source": entry.types.source,
        "variables": [
            {"name": variable.name, "source": f"{variable.path}:{variable.line}"}
            for variable in entry.variables
        ],
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    row = _PARAMETER | parameter.to_json()
    if parameter.is_switch or parameter.type == "truthy":
        row["type"] = "bool"
    if parameter.default_expr:
        # The default is in one place for readers; `default_expr` marks it as computed.
        row["default"] = parameter.default_expr
    return row
