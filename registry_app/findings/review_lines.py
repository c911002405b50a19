"""What to look at after a scan: each value that is not sure, the most harmful first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from registry_app.choices import Confidence
from registry_app.document.model import Evidence
from registry_app.fields.documents import fields_of_document
from registry_app.messages import Message
from registry_app.scan.run import ScanResult

# A wrong script or command starts the wrong work; a wrong place only files it wrongly.
HARM = (
    *("default", "start", "args_template", "working_directory", "interpreter", "task.type"),
    *("site.customer", "site.region", "site.plant", "site.zone", "task.classes", "patterns"),
)
DOUBT = (Confidence.UNSURE, Confidence.LIKELY)
MAX_VALUE = 60


@dataclass(frozen=True, kw_only=True)
class ReviewLine:
    """One value that is not sure: `source` is `file:line` or a name."""

    experiment: str
    field: str
    value: str
    confidence: str
    source: str
    reasons: tuple[Message, ...]


def review_lines(result: ScanResult) -> list[ReviewLine]:
    """Return a line for each value that is not sure.

    Fields whose error does most harm come first, and of one field the least sure ones. What only
    follows from a default is in the line of the default: its patterns and its options.
    """
    lines = [line for experiment in result.experiments for line in _of(experiment.document)]
    return sorted(
        lines,
        key=lambda line: (
            harm_of(line.field),
            DOUBT.index(Confidence(line.confidence)),
            line.experiment,
            line.field,
        ),
    )


def _of(document: Any) -> Iterator[ReviewLine]:
    values = fields_of_document(document)
    for field, evidence in document.evidence.items():
        if evidence.confidence != Confidence.SURE and not _follows(field, evidence, document):
            yield ReviewLine(
                experiment=document.name,
                field=field,
                value=_short(values.get(field)),
                confidence=evidence.confidence,
                source=evidence.source,
                reasons=evidence.reason,
            )


def _follows(field: str, evidence: Evidence, document: Any) -> bool:
    """Whether a field of an entry point only follows from its default script."""
    point, _dot, name = field.rpartition(".")
    default = document.evidence.get(f"{point}.default")
    return name in {"patterns", "args_template"} and default is not None


def harm_of(field: str) -> int:
    """Return the place of a field among all, the most harmful first."""
    known = [number for number, name in enumerate(HARM) if field.endswith(name)]
    return known[0] if known else len(HARM)


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "–")
    return text if len(text) <= MAX_VALUE else f"{text[: MAX_VALUE - 1]}…"
