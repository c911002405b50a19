"""What a registry document would change: the same plan for the command, the admin and a scan.

A field that the document does not speak of is left alone; one that it says to be empty is
cleared; an experiment that it does not name is missing there, and never deleted. A scan fills in
only what nobody decided: a field that is empty and without origin, or that a scan wrote. What it
would say elsewhere becomes a proposal.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from registry_app.changes.directories import place_of, same_directory
from registry_app.choices import FieldSource
from registry_app.document.model import (
    Evidence,
    ExperimentDocument,
    PlaceDocument,
    RegistryDocument,
)
from registry_app.exceptions import PathRefusedError, Problem, RegistryFileError
from registry_app.fields.names import fields_of_document, is_empty, same
from registry_app.fields.rows import RegistryRows, read_rows
from registry_app.fields.templates import plan_problems
from registry_app.files import interpreter_check
from registry_app.files.paths import resolve_directory
from registry_app.models import Customer, FieldProvenance
from registry_app.progress import Progress, followed

Origins = dict[str, str]


class PlanAction(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    MISSING = "missing"


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """A field whose value differs. `kept` ones are only shown: a person decided the old value."""

    field: str
    old: Any
    new: Any
    reason: str = ""
    kept: bool = False


@dataclass(frozen=True, kw_only=True)
class ExperimentPlan:
    """What happens to one experiment.

    `found` are fields whose value a scan confirms and whose origin nobody wrote down yet.
    """

    name: str
    action: PlanAction
    changes: tuple[FieldChange, ...] = ()
    found: tuple[str, ...] = ()
    evidence: dict[str, Evidence] = field(default_factory=dict)

    @property
    def written(self) -> tuple[FieldChange, ...]:
        return tuple(change for change in self.changes if not change.kept)

    @property
    def kept(self) -> tuple[FieldChange, ...]:
        return tuple(change for change in self.changes if change.kept)


@dataclass(frozen=True, kw_only=True)
class CustomerChange:
    """A customer whose display name, a text, or aliases, a list, change."""

    name: str
    field: str
    old: Any
    new: Any

    @property
    def old_text(self) -> str:
        return _as_text(self.old)

    @property
    def new_text(self) -> str:
        return _as_text(self.new)


@dataclass(frozen=True, kw_only=True)
class PlacePlan:
    """What happens to a customer, site or zone that a sheet names."""

    place: PlaceDocument
    action: PlanAction


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Every experiment of the document and of the rows, by name.

    `warnings` are what is allowed and probably wrong. The digests tell whether the rows or the
    document changed after the plan was made.
    """

    source: FieldSource
    experiments: tuple[ExperimentPlan, ...]
    customers: tuple[CustomerChange, ...]
    warnings: tuple[Problem, ...]
    rows_digest: str
    document_digest: str
    places: tuple[PlacePlan, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many experiments, of a sheet of places: places, meet each action, all four named."""
        found = Counter(one.action for one in self.experiments)
        found.update(one.action for one in self.places)
        return {action.value: found[action] for action in PlanAction}

    @property
    def is_empty(self) -> bool:
        """Whether applying it would change nothing."""
        return (
            not self.customers
            and not any(one.written or one.found for one in self.experiments)
            and not any(one.action is PlanAction.CREATE for one in self.places)
        )

    def to_json(self) -> dict[str, Any]:
        """Return the plan for programs; experiments without changes are only named."""
        return {
            "counts": self.counts,
            "experiments": [
                {
                    "name": one.name,
                    "action": one.action.value,
                    "changes": [asdict(change) for change in one.changes],
                }
                for one in self.experiments
            ],
            "customers": [asdict(change) for change in self.customers],
            "warnings": [{"message": one.message, "line": one.line} for one in self.warnings],
        }


def make_plan(
    document: RegistryDocument,
    *,
    source: FieldSource = FieldSource.IMPORTED,
    rows: RegistryRows | None = None,
    any_interpreter: bool = False,
    progress: Progress | None = None,
) -> Plan:
    """Compare a document with the rows, in a number of queries that does not grow with them.

    `rows` are read unless they are given. `any_interpreter`: the file comes from a user who may
    run scripts, and may name interpreters that are not listed. Raises RegistryFileError where it
    must not, and where a directory would get a second name.
    """
    rows = rows or read_rows()
    origins = _origins() if source is FieldSource.SCANNED else {}
    plans = [
        _experiment_plan(one, rows.fields.get(one.name), origins.get(one.name, {}), source)
        for one in followed(document.experiments, progress)
    ]
    if source is FieldSource.IMPORTED:
        _refuse_directories(document, plans, rows)
        _refuse_interpreters(document, plans, rows, anywhere=any_interpreter)
    warnings = _doubts(document, plans, rows) if source is FieldSource.IMPORTED else ()
    if document.is_whole:
        named = {one.name for one in document.experiments}
        plans += [
            ExperimentPlan(name=name, action=PlanAction.MISSING)
            for name in rows.experiments
            if name not in named
        ]
    customers = _customer_changes(document, rows)
    return Plan(
        source=source,
        experiments=tuple(sorted(plans, key=lambda one: one.name)),
        customers=customers,
        places=_place_plans(document, customers, rows),
        warnings=warnings,
        rows_digest=rows.digest,
        document_digest=digest_of(document),
    )


def _refuse_directories(
    document: RegistryDocument, plans: Sequence[ExperimentPlan], rows: RegistryRows
) -> None:
    """Refuse the file if it moves an experiment to where another one lies that stays there."""
    moved = {plan.name for plan in plans if any(change.field == "path" for change in plan.changes)}
    if not moved:
        return
    stay = {name: row.path for name, row in rows.experiments.items() if name not in moved}
    owners = {place: name for name, path in stay.items() if (place := place_of(path))}
    problems = []
    for one in document.experiments:
        place = place_of(one.path) if one.name in moved else None
        if place is not None and (owner := owners.setdefault(place, one.name)) != one.name:
            text = same_directory(one.name, owner)
            problems.append(Problem(message=text, line=one.lines.get("path")))
    if problems:
        raise RegistryFileError(sorted(problems, key=lambda one: one.line or 0))


def _refuse_interpreters(
    document: RegistryDocument,
    plans: Sequence[ExperimentPlan],
    rows: RegistryRows,
    *,
    anywhere: bool,
) -> None:
    """Refuse the file if it sets an interpreter that its sender must not."""
    lines = {one.name: one.lines for one in document.experiments}
    paths = {name: row.path for name, row in rows.experiments.items()}
    paths |= {one.name: one.path for one in document.experiments if one.path}
    written = {one.name: {change.field: change.new for change in one.written} for one in plans}
    problems = [
        Problem(message=f"{name}.{field}: {message}", line=lines[name].get(field))
        for name, field, message in interpreter_check.plan_problems(
            written, paths, anywhere=anywhere
        )
    ]
    if problems:
        raise RegistryFileError(sorted(problems, key=lambda one: one.line or 0))


def _doubts(
    document: RegistryDocument, plans: Sequence[ExperimentPlan], rows: RegistryRows
) -> tuple[Problem, ...]:
    """Name each template that does not fit its script, with the nearest line.

    That is no reason to refuse the file: it may come from a machine whose script is a newer one,
    and a run leaves out a name that its script does not take.
    """
    lines = {one.name: one.lines for one in document.experiments}
    written = {one.name: {change.field: change.new for change in one.written} for one in plans}
    found = []
    for name, prefix, message in plan_problems(written, rows.fields):
        line = lines[name].get(f"{prefix}.args_template") or lines[name].get(prefix)
        text = f"{name}.{prefix}.args_template: {message}"
        found.append(Problem(message=text, line=line))
    return tuple(sorted(found, key=lambda one: one.line or 0))


def digest_of(document: RegistryDocument) -> str:
    """Return a digest of everything that a document says."""
    return hashlib.sha256(repr(document).encode(errors="surrogatepass")).hexdigest()


def _origins() -> dict[str, Origins]:
    found: dict[str, Origins] = {}
    rows = FieldProvenance.objects.values_list("experiment__name", "field", "source")
    for name, field_name, source in rows:
        found.setdefault(name, {})[field_name] = source
    return found


def _experiment_plan(
    document: ExperimentDocument,
    row: dict[str, Any] | None,
    origins: Origins,
    source: FieldSource,
) -> ExperimentPlan:
    """Return what happens to an experiment; `row` holds the fields of its row, if there is one."""
    said = fields_of_document(document)
    present = row or {}
    changes = tuple(
        _change(name, present.get(name), value, origins, source)
        for name, value in said.items()
        if not _same(name, present.get(name), value)
        and not (source is FieldSource.SCANNED and _same_place(name, present.get(name), value))
    )
    differing = {change.field for change in changes}
    found = tuple(
        name
        for name, value in said.items()
        if source is FieldSource.SCANNED
        and name not in differing
        and name not in origins
        and not is_empty(value)
    )
    if row is None:
        action = PlanAction.CREATE
    elif any(not change.kept for change in changes):
        action = PlanAction.UPDATE
    else:
        action = PlanAction.UNCHANGED
    return ExperimentPlan(
        name=document.name,
        action=action,
        changes=changes,
        found=found,
        evidence=dict(document.evidence),
    )


def _change(name: str, old: Any, new: Any, origins: Origins, source: FieldSource) -> FieldChange:
    kept = source is FieldSource.SCANNED and not _is_free(name, old, origins)
    return FieldChange(field=name, old=old, new=new, kept=kept, reason=_why_kept(kept))


def _same(name: str, old: Any, new: Any) -> bool:
    """Whether a field says the same; the case of a customer's name makes no other customer."""
    if name == "site.customer" and old and new:
        return str(old).casefold() == str(new).casefold()
    return same(old, new)


def _same_place(name: str, old: Any, new: Any) -> bool:
    """Whether two spellings of a path name one directory; a scan has no say in the spelling."""
    if name != "path" or not old or not new:
        return False
    try:
        one, other = (resolve_directory(path, settings.GUARDIANFLOW_ROOTS) for path in (old, new))
    except PathRefusedError:
        return False
    return os.path.realpath(one) == os.path.realpath(other)


def _is_free(name: str, old: Any, origins: Origins) -> bool:
    """Whether a scan may write a field."""
    if name in origins:
        return origins[name] == FieldSource.SCANNED
    return is_empty(old)


def _why_kept(kept: bool) -> str:
    return _("A person decided this value; a scan never overwrites it.") if kept else ""


def _place_plans(
    document: RegistryDocument, customers: Sequence[CustomerChange], rows: RegistryRows
) -> tuple[PlacePlan, ...]:
    changed = {one.name.casefold() for one in customers}
    found = []
    for place in document.places:
        key = replace(place, customer=place.customer.casefold())
        action = PlanAction.UPDATE if key.customer in changed else PlanAction.UNCHANGED
        if key not in rows.places:
            action = PlanAction.CREATE
        found.append(PlacePlan(place=place, action=action))
    return tuple(found)


def _customer_changes(document: RegistryDocument, rows: RegistryRows) -> tuple[CustomerChange, ...]:
    found = []
    for one in document.customers:
        row = rows.customers.get(one.name.casefold(), Customer(name=one.name))
        said = {"display_name": one.display_name, "aliases": one.aliases}
        for name, new in said.items():
            old = getattr(row, name)
            if new is not None and type(old)(new) != old:
                found.append(CustomerChange(name=one.name, field=name, old=old, new=type(old)(new)))
    return tuple(found)


def _as_text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
