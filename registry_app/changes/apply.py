"""Apply a plan: all of it or nothing, and only if nothing changed since it was made."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from registry_app.changes import change_sets, origins, proposals
from registry_app.changes.places import SiteParts, make_places, sweep, zones_of
from registry_app.changes.plan import CustomerChange, ExperimentPlan, Plan, PlanAction, WordChange
from registry_app.choices import ChangeOrigin, ConfirmedBy
from registry_app.exceptions import StalePlanError
from registry_app.fields import completeness, confirmation
from registry_app.fields.names import (
    ENTRY_POINT_COLUMNS,
    EXPERIMENT_COLUMNS,
    SITE_FIELDS,
    fields_of,
    is_empty,
    split_field,
)
from registry_app.fields.rows import RegistryRows, read_rows
from registry_app.fields.vocabulary import word_of_row
from registry_app.messages import Message
from registry_app.models import ChangeSet, Customer, EntryPoint, Experiment, VocabularyWord
from registry_app.schema.table import ENTRY_POINT_FIELDS, EXPERIMENT_FIELDS
from registry_app.texts.changes import PREVIEW_STALE

logger = logging.getLogger(__name__)

# The empty value of each column.
_EMPTY = {field.lookup: field.empty for field in (*EXPERIMENT_FIELDS, *ENTRY_POINT_FIELDS)}


def apply_plan(
    plan: Plan,
    *,
    origin: ChangeOrigin,
    by: AbstractBaseUser | None,
    summary: Message | None = None,
    confirms: ConfirmedBy | None = None,
) -> ChangeSet | None:
    """Write the plan in one transaction; return its change set, None if nothing changed.

    `confirms` is the reason why an engineer need not read the commands that it writes; a file
    uploaded to a page confirms none. Raises StalePlanError, and writes nothing, if the rows changed
    since the plan was made.
    """
    if plan.is_empty:
        return None
    with change_sets.change_set(origin, by=by, summary=summary) as made:
        # Other writers wait here, so that the digest stays valid.
        list(Experiment.objects.select_for_update().values_list("pk"))
        rows = read_rows()
        if rows.digest != plan.rows_digest:
            raise StalePlanError(PREVIEW_STALE())
        write_plan(plan, rows, by=by, confirms=confirms)
    logger.debug("registry changed change_set=%s counts=%s", made.pk, plan.counts)
    return made


def write_plan(
    plan: Plan,
    rows: RegistryRows,
    *,
    by: AbstractBaseUser | None,
    confirms: ConfirmedBy | None = None,
) -> None:
    """Write a plan for these rows within the open change set."""
    make_places(place.place for place in plan.places if place.action is PlanAction.CREATE)
    for customer in plan.customers:
        _write_customer(customer)
    for word in plan.words:
        _write_word(word)
    news = [planned for planned in plan.experiments if planned.written or planned.found]
    written, entry_points_after = _write_experiments(
        [(planned, _row_of(planned.name, rows)) for planned in news]
    )
    origins.decide(
        [
            (row, [*(change.field for change in planned.written), *planned.found], planned.evidence)
            for row, planned in zip(written, news, strict=True)
        ],
        source=plan.source,
        by=by,
    )
    if confirms is not None:
        confirmation.confirm_fields(
            [
                (row, [change.field for change in planned.written])
                for row, planned in zip(written, news, strict=True)
            ],
            how=confirms,
            by=by,
        )
    completeness.refresh_known((row, entry_points_after.get(row.pk, ())) for row in written)
    proposals.settle([row.pk for row in written])


@dataclass(frozen=True, kw_only=True)
class _Row:
    """An existing experiment, with all of its fields and its entry points."""

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


def _write_word(change: WordChange) -> None:
    """Write a word; raises StalePlanError if its row is not what the plan compared with."""
    row = VocabularyWord.objects.select_for_update().filter(word=change.word).first()
    if (word_of_row(row) if row is not None else None) != change.old:
        raise StalePlanError(PREVIEW_STALE())
    if change.new is not None:
        row = row or VocabularyWord(word=change.word)
        row.task, row.note = change.new.task, change.new.note or ""
        row.language = change.new.language or ""
        row.save()
    elif row is not None:
        row.delete()


def write_experiment(plan: ExperimentPlan, row: Experiment | None) -> Experiment:
    """Write the fields of one experiment; fetch `row` with its fields beforehand."""
    if row is None:
        return _write_experiments([(plan, None)])[0][0]
    entry_points = list(row.entry_points.all())
    fields = fields_of(row, entry_points)
    known = _Row(experiment=row, fields=fields, entry_points=entry_points)
    return _write_experiments([(plan, known)])[0][0]


def _write_experiments(
    pairs: Sequence[tuple[ExperimentPlan, _Row | None]],
) -> tuple[list[Experiment], dict[int, list[EntryPoint]]]:
    """Write experiments and their entry points in a few statements.

    Return the experiments in order, and their present entry points by experiment id.
    """
    parts = {plan.name: parts for plan, row in pairs if (parts := _new_site(plan, row))}
    zones = zones_of(parts.values())
    rows, changed, columns = [], [], set()
    left = [known.experiment.zone_id for plan, known in pairs if known and plan.name in parts]
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
    sweep(left)
    return rows, _write_entry_points(list(zip(rows, pairs, strict=True)))


def _new_site(plan: ExperimentPlan, known: _Row | None) -> SiteParts | None:
    """Return the new site of an experiment, None if the plan does not set it."""
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
    """Write the fields of entry points; one without any value is deleted or not created."""
    made: list[EntryPoint] = []
    changed: list[EntryPoint] = []
    columns: set[str] = set()
    after: dict[int, list[EntryPoint]] = {}
    for row, (plan, known) in written:
        present = {point.type: point for point in known.entry_points} if known is not None else {}
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
    """Return the column values that a plan writes for each entry point."""
    found: dict[str, dict[str, Any]] = {}
    for change in plan.written:
        kind, name = split_field(change.field)
        if kind:
            found.setdefault(kind, {})[ENTRY_POINT_COLUMNS[name]] = change.new
    return found


def _stored(column: str, value: Any) -> Any:
    """Return an empty value in the form of its column."""
    return copy(_EMPTY[column]) if is_empty(value) else value
