"""Carries a plan out: all of it or nothing, and only if nothing changed since it was made."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext as _

from registry_app.changes import change_sets, proposals
from registry_app.changes.plan import CustomerChange, ExperimentPlan, FieldChange, Plan, PlanAction
from registry_app.choices import ChangeOrigin
from registry_app.exceptions import StalePlanError
from registry_app.fields import completeness, provenance
from registry_app.fields.names import (
    ENTRY_POINT_COLUMNS,
    EXPERIMENT_COLUMNS,
    SITE_FIELDS,
    fields_of_row,
    is_empty,
    split_field,
)
from registry_app.fields.rows import digest_of_rows, with_fields
from registry_app.models import ChangeSet, Customer, EntryPoint, Experiment, Site, Zone

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
    plan: Plan, *, origin: ChangeOrigin, by: AbstractBaseUser | None, summary: str = ""
) -> ChangeSet | None:
    """Write what the plan says, in one transaction; return its change set, None if there is none.

    Raises StalePlanError, and writes nothing, if the rows changed since the plan was made.
    """
    if plan.is_empty:
        return None
    with change_sets.change_set(origin, by=by, summary=summary) as made:
        # Whoever else wants to write waits here, so that the digest stays true.
        list(Experiment.objects.select_for_update().values_list("pk"))
        if digest_of_rows() != plan.rows_digest:
            raise StalePlanError(
                _("The registry changed after this preview was made. Look at it once more.")
            )
        for customer in plan.customers:
            _write_customer(customer)
        rows = {row.name: row for row in with_fields(Experiment.objects.all())}
        news = [one for one in plan.experiments if one.written or one.found]
        written = _write_experiments([(one, rows.get(one.name)) for one in news])
        provenance.record_many(
            [
                (row, [*(change.field for change in one.written), *one.found], one.evidence)
                for row, one in zip(written, news, strict=True)
            ],
            source=plan.source,
            by=by,
        )
        touched = [row.pk for row in written]
        completeness.refresh_many(touched)
        proposals.settle(touched)
    logger.debug("registry changed change_set=%s counts=%s", made.pk, plan.counts)
    return made


def _write_customer(change: CustomerChange) -> None:
    row = Customer.objects.filter(name__iexact=change.name).first() or Customer(name=change.name)
    setattr(row, change.field, change.new)
    row.save()


def write_experiment(plan: ExperimentPlan, row: Experiment | None) -> Experiment:
    """Write the fields of one experiment; `row` should have been fetched with its fields."""
    return _write_experiments([(plan, row)])[0]


def _write_experiments(
    pairs: Sequence[tuple[ExperimentPlan, Experiment | None]],
) -> list[Experiment]:
    """Write experiments; new ones and new entry points, often all of them, at once."""
    zones: dict[tuple[str, ...], Zone | None] = {}
    rows = [_with_own_fields(plan, row, zones) for plan, row in pairs]
    change_sets.create([row for row in rows if row.pk is None])
    made: list[EntryPoint] = []
    for row, (plan, before) in zip(rows, pairs, strict=True):
        known = [] if before is None else before.entry_points.all()
        made += _write_entry_points(row, plan.written, known)
    change_sets.create(made)
    return rows


def _with_own_fields(
    plan: ExperimentPlan, row: Experiment | None, zones: dict[tuple[str, ...], Zone | None]
) -> Experiment:
    """Return the row with its own fields, saved unless it is new; `zones` are those looked up."""
    new = {change.field: change.new for change in plan.written}
    if plan.action is PlanAction.CREATE or row is None:
        row = Experiment(name=plan.name)
        present: dict[str, Any] = {}
    else:
        present = fields_of_row(row)
    own = {name: value for name, value in new.items() if split_field(name)[0] == ""}
    if own or row.pk is None:
        for name, value in own.items():
            if name in EXPERIMENT_COLUMNS:
                column = EXPERIMENT_COLUMNS[name]
                setattr(row, column, _stored(column, value))
        if any(name in own for name in SITE_FIELDS):
            parts = {name: new.get(name, present.get(name, "")) for name in SITE_FIELDS}
            key = tuple(str(part or "") for part in parts.values())
            if key not in zones:
                zones[key] = zone_of(parts)
            row.zone = zones[key]
        if row.pk is not None:
            row.save()
    return row


def _write_entry_points(
    row: Experiment, written: tuple[FieldChange, ...], known: Iterable[EntryPoint]
) -> list[EntryPoint]:
    """Write the fields of entry points and return those that are new and not saved yet.

    One of which nothing is said is not made, and goes.
    """
    by_type: dict[str, dict[str, Any]] = {}
    for change in written:
        kind, name = split_field(change.field)
        if kind:
            by_type.setdefault(kind, {})[ENTRY_POINT_COLUMNS[name]] = change.new
    present = {one.type: one for one in known} if by_type else {}
    made = []
    for kind, values in by_type.items():
        if kind not in present and all(is_empty(value) for value in values.values()):
            continue
        entry = present.get(kind) or EntryPoint(experiment=row, type=kind)
        for column, value in values.items():
            setattr(entry, column, _stored(column, value))
        if all(is_empty(getattr(entry, column)) for column in ENTRY_POINT_COLUMNS.values()):
            if not entry._state.adding:
                entry.delete()
        elif entry._state.adding:
            made.append(entry)
        else:
            entry.save()
    return made


def zone_of(parts: dict[str, Any]) -> Zone | None:
    """Return the zone with these parts of a site, made where it is not there."""
    customer_name, region, plant, zone_name = (str(parts[name] or "") for name in SITE_FIELDS)
    if not (customer_name or region or plant or zone_name):
        return None
    customer = Customer.objects.filter(name__iexact=customer_name).first()
    if customer is None:
        customer = Customer.objects.create(name=customer_name)
    site, _made = Site.objects.get_or_create(customer=customer, region=region, plant=plant)
    return Zone.objects.get_or_create(site=site, name=zone_name)[0]


def _stored(column: str, value: Any) -> Any:
    """Return an empty value in the form that its column wants."""
    if not is_empty(value):
        return value
    if column in _LISTS:
        return []
    return None if column in _NULLABLE else ""
