"""Carries a plan out: all of it or nothing, and only if nothing changed since it was made."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext as _

from registry_app.changes import change_sets, proposals
from registry_app.changes.places import SiteParts, make_places, zones_of
from registry_app.changes.plan import CustomerChange, ExperimentPlan, Plan, PlanAction
from registry_app.choices import ChangeOrigin, ConfirmedBy
from registry_app.exceptions import StalePlanError
from registry_app.fields import completeness, confirmation, provenance
from registry_app.fields.names import (
    ENTRY_POINT_COLUMNS,
    EXPERIMENT_COLUMNS,
    SITE_FIELDS,
    fields_of,
    is_empty,
    split_field,
)
from registry_app.fields.rows import RegistryRows, read_rows
from registry_app.models import ChangeSet, Customer, EntryPoint, Experiment

logger = logging.getLogger(__name__)

_LISTS = frozenset({"classes", "aliases", "patterns", "parameters"})
_NULLABLE = frozenset(
    {
        "stage_held",
        "gpus",
        "gpu_memory_mib",
        "timeout_s",
        "grace_s",
        "overlap",
        "log_limit_mib",
        "background",
    }
)


def apply_plan(
    plan: Plan,
    *,
    origin: ChangeOrigin,
    by: AbstractBaseUser | None,
    summary: str = "",
    confirms: ConfirmedBy | None = None,
) -> ChangeSet | None:
    """Write what the plan says, in one transaction; return its change set, None if there is none.

    `confirms` says why an engineer need not read the commands that it writes; a file that came
    through a page confirms none. Raises StalePlanError, and writes nothing, if the rows changed
    since the plan was made.
    """
    if plan.is_empty:
        return None
    with change_sets.change_set(origin, by=by, summary=summary) as made:
        # Whoever else wants to write waits here, so that the digest stays true.
        list(Experiment.objects.select_for_update().values_list("pk"))
        rows = read_rows()
        if rows.digest != plan.rows_digest:
            raise StalePlanError(
                _("The registry changed after this preview was made. Look at it once more.")
            )
        make_places(one.place for one in plan.places if one.action is PlanAction.CREATE)
        for customer in plan.customers:
            _write_customer(customer)
        news = [one for one in plan.experiments if one.written or one.found]
        written, entry_points_after = _write_experiments(
            [(one, _row_of(one.name, rows)) for one in news]
        )
        provenance.record_many(
            [
                (row, [*(change.field for change in one.written), *one.found], one.evidence)
                for row, one in zip(written, news, strict=True)
            ],
            source=plan.source,
            by=by,
        )
        if confirms is not None:
            confirmation.confirm_fields(
                [
                    (row, [change.field for change in one.written])
                    for row, one in zip(written, news, strict=True)
                ],
                how=confirms,
                by=by,
            )
        completeness.refresh_known((row, entry_points_after.get(row.pk, ())) for row in written)
        proposals.settle([row.pk for row in written])
    logger.debug("registry changed change_set=%s counts=%s", made.pk, plan.counts)
    return made


@dataclass(frozen=True, kw_only=True)
class _Row:
    """An experiment that is there, with all of its fields and its entry points."""

    experiment: Experiment
    fields: dict[str, Any]
    entry_points: Sequence[EntryPoint]


def _row_of(name: str, rows: RegistryRows) -> _Row | None:
    if name not in rows.experiments:
        return None
    return _Row(
        experiment=rows.experiments[name],
        fields=rows.fields[name],
        entry_points=rows.entry_points[name],
    )


def _write_customer(change: CustomerChange) -> None:
    row = Customer.objects.filter(name__iexact=change.name).first() or Customer(name=change.name)
    setattr(row, change.field, change.new)
    row.save()


def write_experiment(plan: ExperimentPlan, row: Experiment | None) -> Experiment:
    """Write the fields of one experiment; `row` should have been fetched with its fields."""
    if row is None:
        return _write_experiments([(plan, None)])[0][0]
    entry_points = list(row.entry_points.all())
    fields = fields_of(row, entry_points)
    known = _Row(experiment=row, fields=fields, entry_points=entry_points)
    return _write_experiments([(plan, known)])[0][0]


def _write_experiments(
    pairs: Sequence[tuple[ExperimentPlan, _Row | None]],
) -> tuple[list[Experiment], dict[int, list[EntryPoint]]]:
    """Write experiments and their entry points, many of them in a few statements.

    Return the experiments in order, and by their numbers the entry points that they have now.
    """
    parts = {plan.name: parts for plan, row in pairs if (parts := _new_site(plan, row))}
    zones = zones_of(parts.values())
    rows, changed, columns = [], [], set()
    for plan, known in pairs:
        row = known.experiment if known is not None else Experiment(name=plan.name)
        own = {
            EXPERIMENT_COLUMNS[change.field]: change.new
            for change in plan.written
            if change.field in EXPERIMENT_COLUMNS
        }
        for column, value in own.items():
            setattr(row, column, _stored(column, value))
        if plan.name in parts:
            row.zone = zones[parts[plan.name]]
        rows.append(row)
        if known is not None and (own or plan.name in parts):
            changed.append(row)
            columns |= {*own, *(("zone",) if plan.name in parts else ())}
    change_sets.create([row for row in rows if row.pk is None])
    change_sets.update(changed, columns)
    return rows, _write_entry_points(list(zip(rows, pairs, strict=True)))


def _new_site(plan: ExperimentPlan, known: _Row | None) -> SiteParts | None:
    """Return where an experiment watches from now on, None where the plan does not say."""
    new = {change.field: change.new for change in plan.written}
    if not any(name in new for name in SITE_FIELDS):
        return None
    present = known.fields if known is not None else {}
    customer, region, plant, zone = (
        str(new.get(name, present.get(name)) or "") for name in SITE_FIELDS
    )
    return customer, region, plant, zone


def _write_entry_points(
    written: Sequence[tuple[Experiment, tuple[ExperimentPlan, _Row | None]]],
) -> dict[int, list[EntryPoint]]:
    """Write the fields of entry points; one of which nothing is said is not made, and goes."""
    made: list[EntryPoint] = []
    changed: list[EntryPoint] = []
    columns: set[str] = set()
    after: dict[int, list[EntryPoint]] = {}
    for row, (plan, known) in written:
        present = {one.type: one for one in known.entry_points} if known is not None else {}
        for kind, values in _by_type(plan).items():
            entry = present.get(kind) or EntryPoint(experiment=row, type=kind)
            for column, value in values.items():
                setattr(entry, column, _stored(column, value))
            if all(is_empty(getattr(entry, column)) for column in ENTRY_POINT_COLUMNS.values()):
                if kind in present:
                    present.pop(kind).delete()
            elif kind in present:
                changed.append(entry)
                columns |= set(values)
            else:
                made.append(entry)
                present[kind] = entry
        after[row.pk] = list(present.values())
    change_sets.create(made)
    change_sets.update(changed, columns)
    return after


def _by_type(plan: ExperimentPlan) -> dict[str, dict[str, Any]]:
    """Return what a plan writes into the columns of each entry point."""
    found: dict[str, dict[str, Any]] = {}
    for change in plan.written:
        kind, name = split_field(change.field)
        if kind:
            found.setdefault(kind, {})[ENTRY_POINT_COLUMNS[name]] = change.new
    return found


def _stored(column: str, value: Any) -> Any:
    """Return an empty value in the form that its column wants."""
    if not is_empty(value):
        return value
    if column in _LISTS:
        return []
    return None if column in _NULLABLE else ""
