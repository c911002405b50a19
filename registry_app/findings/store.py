"""Save the findings of a scan in the database; users' decisions stay unchanged."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from registry_app.changes import proposals
from registry_app.changes.apply import apply_plan
from registry_app.changes.directories import (
    archived_directories,
    known_directories,
    mark_missing,
)
from registry_app.changes.plan import ExperimentPlan, Plan, PlanAction
from registry_app.changes.planning import make_plan
from registry_app.choices import ChangeOrigin, ConfirmedBy, FieldSource
from registry_app.exceptions import StalePlanError
from registry_app.fields import provenance
from registry_app.fields.names import SITE_FIELDS
from registry_app.files.paths import resolve_directory
from registry_app.findings.gone import without_gone
from registry_app.findings.left_out import keep, unknown
from registry_app.findings.match import match, without_archived
from registry_app.findings.surroundings import surroundings
from registry_app.messages import Message, to_rows
from registry_app.models import Experiment, FactSheet, Proposal, Script
from registry_app.scan.left_out import LeftOut, counted
from registry_app.scan.run import ScanResult
from registry_app.scan.scanned import ScannedExperiment, ScannedScript

logger = logging.getLogger(__name__)

ATTEMPTS = 3
SHOWN_WARNINGS = 200
SHOWN_MOVED = 200
# Scripts and their parameters are most of a scan's findings; they are not all held in memory.
ROWS_AT_ONCE = 2000
_SCRIPT_COLUMNS = [
    *(
        "types",
        "type_starts",
        "commands",
        "command_parameters",
        "launch",
        "args_template",
        "parameters",
        "parameters_known",
    ),
    "fixed_values",
    *("confidence", "reasons", "warnings", "sha256", "size_bytes"),
]
_FACT_COLUMNS = ["frameworks", "requirements", "environments", "needed", "git", "past_runs"]


def store(result: ScanResult, *, by: AbstractBaseUser | None = None) -> dict[str, Any]:
    """Write a scan's result in one transaction and return its summary, ready for JSON.

    A user who saves at the same moment wins: the plan is then computed again. Raises
    StalePlanError if that happens too often, and PathRefusedError for a directory outside every
    root.
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
    # Other writers, including other scans, wait here.
    list(Experiment.objects.select_for_update().values_list("pk"))
    known, archived = known_directories(), archived_directories()
    result = without_archived(result, archived)
    matched = match(result, known, archived)
    found = without_gone(matched.result)
    plan = make_plan(found.document, source=FieldSource.SCANNED)
    apply_plan(plan, origin=ChangeOrigin.SCAN, by=by, confirms=ConfirmedBy.SCAN)
    provenance.confirm(
        {
            experiment.name: experiment.evidence
            for experiment in plan.experiments
            if experiment.evidence
        }
    )
    proposed = proposals.renew(plan, found_again=matched.found_again, known=known)
    _write_scripts(matched.result.experiments)
    now = known_directories()
    mark_missing(now)
    left = unknown(matched.result.left_out, now, archived)
    keep(result, left)
    return {
        **_summary(plan, result),
        "missing": sum(not directory.is_there for directory in now),
        "missing_names": sorted(directory.name for directory in now if not directory.is_there),
        "renamed": len(matched.found_again),
        "renamed_names": [
            f"{renamed.name} → {renamed.evidence.source}" for renamed in matched.found_again
        ],
        "moved": _moved(plan),
        "proposed": proposed,
        "proposals": Proposal.objects.open().count(),
        **_left_out(left, result),
        "unconfirmed": Experiment.objects.filter(confirmed__lt=F("completeness")).count(),
    }


def _write_scripts(experiments: Iterable[ScannedExperiment]) -> None:
    """Sync the Script rows of these experiments with the scan, keeping their primary keys."""
    found = {experiment.document.name: experiment for experiment in experiments}
    pks = dict(Experiment.objects.filter(name__in=found).values_list("name", "pk"))
    rows = (
        _row(pks[name], script) for name, scanned in found.items() for script in scanned.scripts
    )
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
            experiment_id=pks[experiment.document.name],
            **experiment.facts.to_json(),
            **surroundings(experiment.directory).to_json(),
        )
        for experiment in experiments
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
        type_starts={kind: start.to_json() for kind, start in entry.type_starts.items()},
        commands=list(entry.command_line.commands),
        command_parameters={
            command: [parameter.to_json() for parameter in parameters]
            for command, parameters in entry.open_commands.items()
        },
        launch=entry.launch,
        args_template=entry.args_template,
        parameters=[parameter.to_json() for parameter in entry.parameters.parameters],
        parameters_known=entry.parameters.known,
        fixed_values=[dataclasses.asdict(value) for value in entry.fixed],
        confidence=entry.types.confidence,
        reasons=to_rows(entry.types.reason),
        warnings=to_rows(entry.warnings),
        sha256=script.sha256,
        size_bytes=script.size_bytes,
    )


def _moved(plan: Plan) -> list[dict[str, Any]]:
    """Return the experiments that moved because a spelling or a name became known.

    No user edited them: an edit of one experiment moves its neighbours, so the move is reported.
    """
    return [
        {
            "name": experiment.name,
            "field": change.field,
            "old": str(change.old or ""),
            "new": str(change.new or ""),
            "reasons": to_rows(_reason(experiment, change.field)),
        }
        for experiment in plan.experiments
        if experiment.action is PlanAction.UPDATE
        for change in experiment.written
        if change.field in SITE_FIELDS
    ][:SHOWN_MOVED]


def _reason(plan: ExperimentPlan, field: str) -> tuple[Message, ...]:
    evidence = plan.evidence.get(field)
    return tuple(evidence.reason) if evidence is not None else ()


def _left_out(left: Sequence[LeftOut], result: ScanResult) -> dict[str, Any]:
    return {
        "left_out": len(left),
        "left_out_reasons": counted(child.reason.code for child in left),
        "never": len(result.never),
    }


def _summary(plan: Plan, result: ScanResult) -> dict[str, Any]:
    counts = plan.counts
    return {
        "experiments": len(result.experiments),
        "scripts": sum(len(experiment.scripts) for experiment in result.experiments),
        "created": counts[PlanAction.CREATE],
        "updated": counts[PlanAction.UPDATE],
        "unchanged": counts[PlanAction.UNCHANGED],
        "kept": sum(len(experiment.kept) for experiment in plan.experiments),
        "warnings": to_rows(result.warnings[:SHOWN_WARNINGS]),
    }
