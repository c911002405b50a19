"""Where the value of each registry field comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection
from django.utils import timezone

from registry_app.choices import FieldSource
from registry_app.document.model import Evidence
from registry_app.messages import to_rows
from registry_app.models import Experiment, FieldProvenance

PKS_AT_ONCE = 1000
_REASONS = ["confidence", "evidence", "reasons"]
_STORED = ("experiment_id", "field", "source", *_REASONS, "at", "by_id")


def record(
    experiment: Experiment,
    fields: Iterable[str],
    *,
    source: FieldSource,
    by: AbstractBaseUser | None = None,
    evidence: Mapping[str, Evidence] | None = None,
) -> None:
    """Record that `source` decided these dotted fields now.

    `evidence` is keyed by field; a field without new evidence loses its old one.
    """
    record_many([(experiment, fields, evidence or {})], source=source, by=by)


def record_many(
    decided: Iterable[tuple[Experiment, Iterable[str], Mapping[str, Evidence]]],
    *,
    source: FieldSource,
    by: AbstractBaseUser | None = None,
) -> None:
    """Like `record` for many experiments, in one prepared statement.

    An experiment has a dozen of these rows: saving them as models would take more than half of the
    time for which a large import blocks all other writers.
    """
    at = connection.ops.adapt_datetimefield_value(timezone.now())
    who = by.pk if by is not None else None
    rows = [
        (experiment.pk, name, str(source), *_reasons_of(known.get(name)), at, who)
        for experiment, fields, known in decided
        for name in dict.fromkeys(fields)
    ]
    if not rows:
        return
    columns = [connection.ops.quote_name(name) for name in _STORED]
    renewed = ", ".join(f"{name} = excluded.{name}" for name in columns[2:])
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {FieldProvenance._meta.db_table} ({', '.join(columns)}) "  # noqa: S608
            f"VALUES ({', '.join(['%s'] * len(columns))}) "
            f"ON CONFLICT ({columns[0]}, {columns[1]}) DO UPDATE SET {renewed}",
            rows,
        )


def scanned_fields(pks: Sequence[int]) -> dict[int, set[str]]:
    """Return, by experiment, the fields whose present value was set only by a scan."""
    found: dict[int, set[str]] = {}
    rows = FieldProvenance.objects.filter(source=FieldSource.SCANNED).order_by()
    for first in range(0, len(pks), PKS_AT_ONCE):
        some = rows.filter(experiment__in=pks[first : first + PKS_AT_ONCE])
        for pk, name in some.values_list("experiment_id", "field"):
            found.setdefault(pk, set()).add(name)
    return found


def hand_back(experiment: Experiment, field: str, *, by: AbstractBaseUser) -> bool:
    """Let scans decide a field again; its value stays until a scan changes it.

    Return False if no user or file ever decided it.
    """
    rows = FieldProvenance.objects.filter(experiment=experiment, field=field)
    handed = rows.exclude(source=FieldSource.SCANNED).update(
        source=FieldSource.SCANNED,
        by=by.pk,
        at=timezone.now(),
        confidence="",
        evidence="",
        reasons=[],
    )
    return bool(handed)


def confirm(evidence: Mapping[str, Mapping[str, Evidence]]) -> None:
    """Update the evidence of scanned values that a scan found again, perhaps in another line.

    `evidence` is keyed by the experiment's name and the field. Only differences are written; the
    time of the value stays.
    """
    changed = []
    rows = FieldProvenance.objects.filter(source=FieldSource.SCANNED).select_related("experiment")
    for row in rows.only("experiment__name", "field", *_REASONS):
        found = evidence.get(row.experiment.name, {}).get(row.field)
        if found is not None and _reasons(found) != [getattr(row, name) for name in _REASONS]:
            row.confidence, row.evidence, row.reasons = _reasons(found)
            changed.append(row)
    FieldProvenance.objects.bulk_update(changed, _REASONS, batch_size=200)


def _reasons(evidence: Evidence) -> list[Any]:
    return [str(evidence.confidence), evidence.source[:500], to_rows(evidence.reason)]


def _reasons_of(evidence: Evidence | None) -> list[Any]:
    """Return the result of `_reasons` as the database expects it, empty if there is none."""
    confidence, source, reasons = _reasons(evidence) if evidence is not None else ("", "", [])
    return [confidence, source, connection.ops.adapt_json_value(reasons, None)]
