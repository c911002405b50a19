"""Empties scanned values whose file is gone and for which nothing else speaks.

A file that is there and could not be read this time takes nothing away, nor does a rule that
guesses less than an earlier one did.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from registry_app.choices import FieldSource
from registry_app.document.model import EntryPointDocument, ExperimentDocument
from registry_app.fields.names import fields_of_document, split_field
from registry_app.models import FieldProvenance
from registry_app.scan.run import ScanResult
from registry_app.scan.scanned import ScannedExperiment
from registry_app.scan.walk import is_read

_LISTS = frozenset({"classes", "patterns"})


def without_gone(result: ScanResult) -> ScanResult:
    """Let the documents say that such fields are empty; one query."""
    evidence: dict[str, dict[str, str]] = {}
    rows = FieldProvenance.objects.filter(source=FieldSource.SCANNED).exclude(evidence="")
    for name, field, source in rows.values_list("experiment__name", "field", "evidence"):
        evidence.setdefault(name, {})[field] = source
    return dataclasses.replace(
        result,
        experiments=tuple(
            _emptied(one, evidence.get(one.document.name, {})) for one in result.experiments
        ),
    )


def _emptied(one: ScannedExperiment, evidence: dict[str, str]) -> ScannedExperiment:
    said = fields_of_document(one.document)
    gone = [
        field
        for field, source in evidence.items()
        if field not in said and _is_gone(one.directory, source)
    ]
    if not gone:
        return one
    return dataclasses.replace(one, document=_saying_empty(one.document, gone))


def _is_gone(directory: Path, source: str) -> bool:
    """Whether evidence names a file of the directory (`data.yaml:6`) that is not there."""
    path, colon, line = source.rpartition(":")
    path = path if colon and line.isdecimal() else source
    return is_read(path) and not os.path.lexists(directory / path)


def _saying_empty(document: ExperimentDocument, fields: Iterable[str]) -> ExperimentDocument:
    site, task = document.site, document.task
    entry_points = dict(document.entry_points)
    for field in fields:
        kind, name = split_field(field)
        section, _dot, key = name.rpartition(".")
        empty: dict[str, Any] = {key: () if key in _LISTS else ""}
        if kind:
            present = entry_points.get(kind, EntryPointDocument())
            entry_points[kind] = dataclasses.replace(present, **empty)
        elif section == "site":
            site = dataclasses.replace(site, **empty)
        elif section == "task":
            task = dataclasses.replace(task, **empty)
    return dataclasses.replace(document, site=site, task=task, entry_points=entry_points)
