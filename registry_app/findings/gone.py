"""Clear scanned values whose evidence file was deleted and that have no other evidence.

A file that exists but could not be read this time clears nothing, nor does a rule that guesses less
than before. A task whose word people took away, or silenced, is cleared.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from registry_app.choices import FieldSource
from registry_app.fields.documents import fields_of_document, with_empty
from registry_app.inference.task.vocabulary import BUILT_IN, Vocabulary
from registry_app.messages import from_rows
from registry_app.models import FieldProvenance
from registry_app.scan.run import ScanResult
from registry_app.scan.scanned import ScannedExperiment
from registry_app.scan.walk import is_read
from registry_app.texts.reasons import VOCABULARY


class _Origin(NamedTuple):
    """A field that only a scan has written, with its reasons as stored, and the task now."""

    field: str
    evidence: str
    reasons: list[Any]
    task: str


def without_gone(result: ScanResult) -> ScanResult:
    """Return a result whose documents clear such fields; one query."""
    origins: dict[str, list[_Origin]] = {}
    rows = FieldProvenance.objects.filter(source=FieldSource.SCANNED).exclude(evidence="")
    columns = ("field", "evidence", "reasons", "experiment__task_type")
    for name, *values in rows.values_list("experiment__name", *columns):
        origins.setdefault(name, []).append(_Origin(*values))
    return dataclasses.replace(
        result,
        experiments=tuple(
            _emptied(experiment, origins.get(experiment.document.name, []), result.vocabulary)
            for experiment in result.experiments
        ),
    )


def _emptied(
    scanned: ScannedExperiment, origins: Sequence[_Origin], vocabulary: Vocabulary
) -> ScannedExperiment:
    stated = fields_of_document(scanned.document)
    gone = [
        row.field
        for row in origins
        if row.field not in stated
        and (
            _is_gone(scanned.directory, row.evidence)
            or (row.field == "task.type" and _is_unsaid(scanned, row, vocabulary))
        )
    ]
    if not gone:
        return scanned
    return dataclasses.replace(scanned, document=with_empty(scanned.document, gone))


def _is_unsaid(scanned: ScannedExperiment, row: _Origin, vocabulary: Vocabulary) -> bool:
    """Whether people took away the word that a task came from, or decided that it says nothing."""
    reasons = from_rows(row.reasons)
    words = [reason.values["word"] for reason in reasons if reason.code == VOCABULARY.code]
    if words:
        return all(vocabulary.own.get(str(word)) != row.task for word in words)
    classes = scanned.document.task.classes or ()
    texts = (scanned.directory.name, *(line.text for line in scanned.notes), *classes)
    return any(row.task in BUILT_IN.tasks_in(BUILT_IN.words_in(text)) for text in texts)


def _is_gone(directory: Path, source: str) -> bool:
    """Whether evidence names a file of the directory (`data.yaml:6`) that no longer exists."""
    path, colon, line = source.rpartition(":")
    path = path if colon and line.isdecimal() else source
    return is_read(path) and not os.path.lexists(directory / path)
