"""Brings what a scan found into the database: what people decided stays as it is."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterable
from itertools import islice
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from registry_app.changes import proposals
from registry_app.changes.apply import apply_plan
from registry_app.changes.directories import known_directories, mark_missing
from registry_app.changes.plan import Plan, PlanAction, make_plan
from registry_app.choices import ChangeOrigin, ConfirmedBy, FieldSource
from registry_app.exceptions import StalePlanError
from registry_app.fields import provenance
from registry_app.files.paths import resolve_directory
from registry_app.findings.gone import without_gone
from registry_app.findings.match import match
from registry_app.findings.surroundings import surroundings
from registry_app.messages import to_rows
from registry_app.models import Experiment, FactSheet, Proposal, Script
from registry_app.scan.run import ScanResult
from registry_app.scan.scanned import ScannedExperiment, ScannedScript

logger = logging.getLogger(__name__)

ATTEMPTS = 3
SHOWN_WARNINGS = 200
# Scripts and their parameters are most of what a scan finds; not all need be held together.
ROWS_AT_ONCE = 2000
_SCRIPT_COLUMNS = [
    *("types", "launch", "args_template", "parameters", "parameters_known"),
    "fixed_values",
    *("confidence", "reasons", "warnings", "sha256", "size_bytes"),
]
_FACT_COLUMNS = ["frameworks", "requirements", "environments", "needed", "git", "past_runs"]


def store(result: ScanResult, *, by: AbstractBaseUser | None = None) -> dict[str, Any]:
    """Write a scan's result in one transaction and return its summary, ready for JSON.

    A person who saves at the same moment wins: the plan is then made anew. Raises StalePlanError
    if that happened again and again, and PathRefusedError for a directory outside every root.
    """
    for experiment in result.experiments:
        resolve_directory(experiment.document.path, settings.GUARDIANFLOW_ROOTS)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                summary = _store(result, by)
            break
        except StalePlanError:
            if attempt == ATTEMPTS:
                raise
    logger.debug("scan stored experiments=%s", len(result.experiments))
    return summary


def _store(result: ScanResult, by: AbstractBaseUser | None) -> dict[str, Any]:
    # Whoever else wants to write waits here, another scan among them.
    list(Experiment.objects.select_for_update().values_list("pk"))
    known = known_directories()
    matched = match(result, known)
    found = without_gone(matched.result)
    plan = make_plan(found.document, source=FieldSource.SCANNED)
    apply_plan(plan, origin=ChangeOrigin.SCAN, by=by, confirms=ConfirmedBy.SCAN)
    provenance.confirm({one.name: one.evidence for one in plan.experiments if one.evidence})
    proposed = proposals.renew(plan, found_again=matched.found_again, known=known)
    _write_scripts(matched.result.experiments)
    now = known_directories()
    mark_missing(now)
    return {
        **_summary(plan, result),
        "missing": sum(not one.is_there for one in now),
        "missing_names": sorted(one.name for one in now if not one.is_there),
        "renamed": len(matched.found_again),
        "renamed_names": [f"{one.name} → {one.evidence.source}" for one in matched.found_again],
        "proposed": proposed,
        "proposals": Proposal.objects.open().count(),
    }


def _write_scripts(experiments: Iterable[ScannedExperiment]) -> None:
    """Make the Script rows of these experiments what the scan saw, keeping their keys."""
    found = {one.document.name: one for one in experiments}
    pks = dict(Experiment.objects.filter(name__in=found).values_list("name", "pk"))
    rows = (_row(pks[name], script) for name, one in found.items() for script in one.scripts)
    present: set[tuple[int, str]] = set()
    while some := list(islice(rows, ROWS_AT_ONCE)):
        Script.objects.bulk_create(
            some,
            batch_size=200,
            update_conflicts=True,
            unique_fields=["experiment", "path"],
            update_fields=_SCRIPT_COLUMNS,
        )
        present.update((row.experiment_id, row.path) for row in some)
    gone = [
        pk
        for pk, experiment, path in Script.objects.filter(experiment__in=pks.values()).values_list(
            "pk", "experiment_id", "path"
        )
        if (experiment, path) not in present
    ]
    Script.objects.filter(pk__in=gone).delete()
    _write_facts(found.values(), pks)
    Experiment.objects.filter(pk__in=pks.values()).update(scanned_at=timezone.now())


def _write_facts(experiments: Iterable[ScannedExperiment], pks: dict[str, int]) -> None:
    rows = [
        FactSheet(
            experiment_id=pks[one.document.name],
            **one.facts.to_json(),
            **surroundings(one.directory).to_json(),
        )
        for one in experiments
    ]
    FactSheet.objects.bulk_create(
        rows,
        batch_size=100,
        update_conflicts=True,
        unique_fields=["experiment"],
        update_fields=_FACT_COLUMNS,
    )


def _row(experiment_pk: int, script: ScannedScript) -> Script:
    entry = script.entry
    return Script(
        experiment_id=experiment_pk,
        path=entry.path,
        types=list(entry.types.value),
        launch=entry.launch,
        args_template=entry.args_template,
        parameters=[one.to_json() for one in entry.asked.parameters],
        parameters_known=entry.asked.known,
        fixed_values=[dataclasses.asdict(one) for one in entry.fixed],
        confidence=entry.types.confidence,
        reasons=to_rows(entry.types.reason),
        warnings=to_rows(entry.warnings),
        sha256=script.sha256,
        size_bytes=script.size_bytes,
    )


def _summary(plan: Plan, result: ScanResult) -> dict[str, Any]:
    counts = plan.counts
    return {
        "experiments": len(result.experiments),
        "scripts": sum(len(one.scripts) for one in result.experiments),
        "created": counts[PlanAction.CREATE],
        "updated": counts[PlanAction.UPDATE],
        "unchanged": counts[PlanAction.UNCHANGED],
        "kept": sum(len(one.kept) for one in plan.experiments),
        "without_scripts": list(result.without_scripts),
        "warnings": to_rows(result.warnings[:SHOWN_WARNINGS]),
    }
