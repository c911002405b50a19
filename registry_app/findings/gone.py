"""Clear scanned values whose evidence file was deleted and that have no other evidence.

A file that exists but could not be read this time clears nothing, nor does a rule that guesses less
than before.
"""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

from registry_app.choices import FieldSource
from registry_app.fields.names import fields_of_document, with_empty
from registry_app.models import FieldProvenance
from registry_app.scan.run import ScanResult
from registry_app.scan.scanned import ScannedExperiment
from registry_app.scan.walk import is_read


def without_gone(result: ScanResult) -> ScanResult:
    """Return a result whose documents clear such fields; one query."""
    evidence: dict[str, dict[str, str]] = {}
    rows = FieldProvenance.objects.filter(source=FieldSource.SCANNED).exclude(evidence="")
    for name, field, source in rows.values_list("experiment__name", "field", "evidence"):
        evidence.setdefault(name, {})[field] = source
    return dataclasses.replace(
        result,
        experiments=tuple(
            _emptied(experiment, evidence.get(experiment.document.name, {}))
            for experiment in result.experiments
        ),
    )


def _emptied(scanned: ScannedExperiment, evidence: dict[str, str]) -> ScannedExperiment:
    stated = fields_of_document(scanned.document)
    gone = [
        field
        for field, source in evidence.items()
        if field not in stated and _is_gone(scanned.directory, source)
    ]
    if not gone:
        return scanned
    return dataclasses.replace(scanned, document=with_empty(scanned.document, gone))


def _is_gone(directory: Path, source: str) -> bool:
    """Whether evidence names a file of the directory (`data.yaml:6`) that no longer exists."""
    path, colon, line = source.rpartition(":")
    path = path if colon and line.isdecimal() else source
    return is_read(path) and not os.path.lexists(directory / path)
