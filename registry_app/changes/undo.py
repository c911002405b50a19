"""Takes a change set back: every row it touched gets the state it had before.

Nothing is taken back half. A row that somebody changed since then is never overwritten: the whole
undo is refused and names it. What an undo writes is a change set itself, and can be undone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Model, ProtectedError, RestrictedError
from django.utils.translation import gettext as _

from registry_app.changes import answers, change_sets, proposals
from registry_app.changes.directories import known_directories, mark_missing
from registry_app.choices import ChangeOrigin, FieldSource
from registry_app.exceptions import PathRefusedError, RegistryError
from registry_app.fields import completeness, provenance
from registry_app.fields.names import same
from registry_app.fields.rows import read_rows
from registry_app.files import interpreter_check
from registry_app.files.paths import resolve_directory
from registry_app.models import ChangeSet, Customer, EntryPoint, Experiment, Site, Zone

# What stands above comes before what stands in it.
_TRACKED: tuple[type[Model], ...] = (Customer, Site, Zone, Experiment, EntryPoint)
_COMPUTED = frozenset({"completeness", "scanned_at", "missing_since", "created_at", "updated_at"})
_NAMED = 10


@dataclass(frozen=True, kw_only=True)
class _Touched:
    """One row of a change set: its state before (None: it was not there), after, and now."""

    before: Model | None
    after: Model | None
    now: Model | None

    @property
    def name(self) -> str:
        row = self.now or self.after or self.before
        return _named(row) if row is not None else ""

    @property
    def changed_since(self) -> bool:
        return _state(self.after) != _state(self.now)


def undo(change_set: ChangeSet, *, by: AbstractBaseUser | None) -> ChangeSet:
    """Give every row of `change_set` the state it had before; return the change set of doing so.

    Rows that it made are deleted, rows that it deleted come back. What an experiment says
    afterwards counts as decided by a person; proposals accepted through it are open again.
    Raises RegistryError, and changes nothing, if a row changed since then or something else needs
    a row that would go.
    """
    summary = _("Undone: {change_set} {summary}").format(
        change_set=change_set, summary=change_set.summary
    )
    try:
        with change_sets.change_set(ChangeOrigin.ADMIN, by=by, summary=summary.strip()) as made:
            # Whoever else wants to write waits here, so that what is compared stays true.
            list(Experiment.objects.select_for_update().values_list("pk"))
            before = read_rows().fields
            _take_back(_touched(change_set))
            _refuse_interpreters(before, by)
            _write_origins(before, by)
            answers.reopen_undone(change_set)
    except (ProtectedError, RestrictedError) as error:
        raise RegistryError(_why_protected(error)) from error
    except IntegrityError as error:
        raise RegistryError(
            _("The state before the change set no longer fits the other rows: {problem}").format(
                problem=error
            )
        ) from error
    return made


def _refuse_interpreters(
    before: Mapping[str, Mapping[str, Any]], by: AbstractBaseUser | None
) -> None:
    """Refuse to bring back an interpreter that `by` must not set; `before` is by experiment."""
    now = read_rows()
    written = {
        name: {
            field: value
            for field, value in fields.items()
            if name not in before or not same(before[name].get(field), value)
        }
        for name, fields in now.fields.items()
    }
    paths = {name: row.path for name, row in now.experiments.items()}
    found = interpreter_check.plan_problems(
        written, paths, anywhere=interpreter_check.may_queue(by)
    )
    problems = " ".join(f"{name}: {message}" for name, _field, message in found)
    if problems:
        raise RegistryError(problems)


def _touched(change_set: ChangeSet) -> list[_Touched]:
    """Return every row of a change set; raises RegistryError where one cannot be taken back."""
    found = [one for model in _TRACKED for one in _touched_of(model, change_set)]
    if not found:
        raise RegistryError(_("This change set touched no row; there is nothing to undo."))
    changed = [one.name for one in found if one.changed_since] + _added_since(found)
    if changed:
        raise RegistryError(
            _(
                "Changed again since then: {names}. Undo those change sets first, or put the "
                "values right by hand."
            ).format(names=_listed(changed))
        )
    return found


def _touched_of(model: type[Model], change_set: ChangeSet) -> list[_Touched]:
    history: Any = model.history  # type: ignore[attr-defined]
    inside: dict[int, list[Any]] = {}
    for record in history.filter(change_set=change_set).order_by("history_id"):
        inside.setdefault(record.id, []).append(record)
    earlier: dict[int, Any] = {}
    # Their numbers are asked for within the query: a database takes only so many from outside.
    touched = history.filter(change_set=change_set).order_by().values("id")
    for record in history.filter(id__in=touched).order_by("history_id"):
        if record.history_id < inside[record.id][0].history_id:
            earlier[record.id] = record
    now = model._default_manager.in_bulk(list(inside))
    found = []
    for pk, records in inside.items():
        one = _Touched(
            before=_before(records[0], earlier.get(pk)),
            after=None if records[-1].history_type == "-" else records[-1].instance,
            now=now.get(pk),
        )
        if one.before is not None or one.after is not None:
            found.append(one)
    return found


def _before(first: Any, earlier: Any) -> Model | None:
    """Return the row before the first record of a change set; None where it was not there."""
    if first.history_type == "+":
        return None
    if earlier is None:
        raise RegistryError(
            _("Nobody wrote down what {name} was before; put it right by hand.").format(
                name=_named(first.instance)
            )
        )
    row: Model = earlier.instance
    return row


def _added_since(found: list[_Touched]) -> list[str]:
    """Return the entry points that came later to experiments that would go."""
    going = [one.now.pk for one in found if isinstance(one.now, Experiment) and one.before is None]
    known = [one.now.pk for one in found if isinstance(one.now, EntryPoint)]
    later = EntryPoint.objects.filter(experiment__in=going).exclude(pk__in=known)
    return [_named(row) for row in later.select_related("experiment")]


def _take_back(found: list[_Touched]) -> None:
    made = [one.now for one in found if one.before is None and one.now is not None]
    # An entry point may stand where one of the same type must come back; places may still be used.
    _delete([row for row in made if isinstance(row, EntryPoint)])
    _restore([one for one in found if one.before is not None])
    for model in reversed(_TRACKED):
        if model is not EntryPoint:
            _delete([row for row in made if isinstance(row, model)])


def _delete(rows: Sequence[Model]) -> None:
    """Delete rows of one model with what belongs to them; a few statements and one for each row."""
    for first in range(0, len(rows), change_sets.ROWS_AT_ONCE):
        pks = [row.pk for row in rows[first : first + change_sets.ROWS_AT_ONCE]]
        type(rows[0])._default_manager.filter(pk__in=pks).delete()


def _restore(found: Sequence[_Touched]) -> None:
    """Give rows their old state, those first in which others stand."""
    is_many = len(found) > change_sets.ROWS_AT_ONCE
    for model in _TRACKED:
        back: list[Model] = []
        for one in found:
            if not isinstance(one.before, model):
                continue
            path = _path_of(one)
            row = _as_before(one.before, one.now)
            _check(row, path, is_many=is_many)
            if one.now is None:
                row.save(force_insert=True)
            else:
                back.append(row)
        columns = [
            field.name
            for field in model._meta.concrete_fields
            if field.name not in _COMPUTED and not field.primary_key
        ]
        change_sets.update(back, columns)


def _as_before(before: Model, now: Model | None) -> Model:
    """Return the row as it was, with what is computed as it is now."""
    if now is None:
        return before
    for field in before._meta.concrete_fields:
        if field.name not in _COMPUTED:
            setattr(now, field.attname, getattr(before, field.attname))
    return now


def _path_of(one: _Touched) -> str:
    """Return the path of an experiment now; one that was deleted keeps the path that it had."""
    row = one.now or one.before
    return row.path if isinstance(row, Experiment) else ""


def _check(row: Model, path: str, *, is_many: bool) -> None:
    """Raise RegistryError if a row cannot have its old state again; `path` is that of now.

    Of many rows the database judges what needs a look at other rows, when they are written.
    """
    keys = {field.name for field in row._meta.concrete_fields if field.is_relation}
    try:
        if isinstance(row, Experiment) and row.path != path:
            resolve_directory(row.path, settings.GUARDIANFLOW_ROOTS)
        if is_many:
            row.clean_fields(exclude=keys)
        else:
            row.full_clean()
    except (PathRefusedError, ValidationError) as error:
        problem = str(error) if isinstance(error, PathRefusedError) else " ".join(error.messages)
        raise RegistryError(
            _("{name} cannot have its old state again: {problem}").format(
                name=_named(row), problem=problem
            )
        ) from error


def _write_origins(before: dict[str, dict[str, Any]], by: AbstractBaseUser | None) -> None:
    """Write down that a person decided every field of an experiment that differs now."""
    rows = read_rows()
    decided = []
    for name, after in rows.fields.items():
        old = before.get(name, {})
        fields = [field for field in {**old, **after} if not same(old.get(field), after.get(field))]
        if fields:
            decided.append((rows.experiments[name], fields))
    provenance.record_many(
        [(experiment, fields, {}) for experiment, fields in decided],
        source=FieldSource.CURATED,
        by=by,
    )
    completeness.refresh_known(
        (experiment, rows.entry_points[experiment.name]) for experiment, _fields in decided
    )
    proposals.settle(experiment.pk for experiment, _fields in decided)
    moved = [experiment.pk for experiment, fields in decided if "path" in fields]
    for first in range(0, len(moved), completeness.PKS_AT_ONCE):
        mark_missing(known_directories(moved[first : first + completeness.PKS_AT_ONCE]))


def _state(row: Model | None) -> dict[str, Any] | None:
    if row is None:
        return None
    fields = (field for field in row._meta.concrete_fields if field.name not in _COMPUTED)
    return {field.attname: getattr(row, field.attname) for field in fields}


def _why_protected(error: ProtectedError | RestrictedError) -> str:
    rows = (
        error.protected_objects if isinstance(error, ProtectedError) else error.restricted_objects
    )
    names = sorted(_named(row) for row in rows)
    return _("Something made by this change set is still needed by {names}.").format(
        names=_listed(names)
    )


def _named(row: Model) -> str:
    return f"{row._meta.verbose_name} {change_sets.name_of(row)}"


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    left = len(names) - _NAMED
    return _("{names} and {count} more").format(names=shown, count=left) if left > 0 else shown
