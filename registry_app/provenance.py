"""Where the value of each registry field comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from registry_app.choices import FieldSource
from registry_app.documents import Evidence
from registry_app.models import Experiment, FieldProvenance

_COLUMNS = ["source", "confidence", "evidence", "reason", "at", "by"]


def record(
    experiment: Experiment,
    fields: Iterable[str],
    *,
    source: FieldSource,
    by: AbstractBaseUser | None = None,
    evidence: Mapping[str, Evidence] | None = None,
) -> None:
    """Write down that `source` decided these dotted fields just now.

    `evidence` is keyed by field; where there is none for a field, the old one is forgotten.
    """
    known = evidence or {}
    rows = [
        _row(experiment, name, source=source, by=by, evidence=known.get(name))
        for name in dict.fromkeys(fields)
    ]
    FieldProvenance.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["experiment", "field"],
        update_fields=_COLUMNS,
    )


def _row(
    experiment: Experiment,
    name: str,
    *,
    source: FieldSource,
    by: AbstractBaseUser | None,
    evidence: Evidence | None,
) -> FieldProvenance:
    return FieldProvenance(
        experiment=experiment,
        field=name,
        source=source,
        confidence=evidence.confidence if evidence else "",
        evidence=evidence.source[:500] if evidence else "",
        reason=evidence.reason[:400] if evidence else "",
        at=timezone.now(),
        by_id=by.pk if by is not None else None,
    )
