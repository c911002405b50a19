"""Undo a change set: restore the former state of every row it touched.

An undo is complete or refused. A row that was changed since then is never overwritten: the undo
is refused, and names the row. An undo is a change set itself, and can be undone.
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

from registry_app.changes import answers, change_sets, decided_guesses, origins, proposals
from registry_app.changes.change_sets import listed, message_name_of
from registry_app.changes.directories import known_directories, mark_missing
from registry_app.choices import ChangeOrigin, FieldSource
from registry_app.exceptions import PathRefusedError, RegistryError
from registry_app.fields import completeness
from registry_app.fields.names import same
from registry_app.fields.rows import read_rows
from registry_app.files import interpreter_check
from registry_app.files.paths import resolve_directory
from registry_app.messages import Message, in_a_row, plain
from registry_app.models import (
    ChangeSet,
    Customer,
    EntryPoint,
    Experiment,
    Site,
    VocabularyWord,
    Zone,
)
from registry_app.texts import changes as texts

# Parents come before their children.
_TRACKED: tuple[type[Model], ...] = (
    Customer,
    Site,
    Zone,
    VocabularyWord,
    Experiment,
    EntryPoint,
)
_COMPUTED = frozenset(
    {"completeness", "confirmed", "scanned_at", "missing_since", "created_at", "updated_at"}
)


@dataclass(frozen=True, kw_only=True)
class _Touched:
    """One row of a change set: its state before (None: it did not exist), after, and now."""

    before: Model | None
    after: Model | None
    now: Model | None

    @property
    def name(self) -> Message:
        row = self.now or self.after or self.before
        return message_name_of(row) if row is not None else plain("")

    @property
    def changed_since(self) -> bool:
        return _state(self.after) != _state(self.now)


def undo(change_set: ChangeSet, *, by: AbstractBaseUser | None) -> ChangeSet:
    """Restore the state of every row before `change_set`; return the change set of the undo.

    Rows that it created are deleted, rows that it deleted are restored. The restored values count
    as decided by a user, but a guess that was confirmed or replaced becomes a guess again;
    proposals accepted through it are open again.
    Raises RegistryError, and changes nothing, if a row changed since then or another row refers to
    one that would be deleted.
    """
    summary = (
        texts.UNDONE_OF(number=change_set.pk, summary=change_set.summary)
        if change_set.summary
        else texts.UNDONE(number=change_set.pk)
    )
    try:
        with change_sets.change_set(ChangeOrigin.ADMIN, by=by, summary=summary) as made:
            # Other writers wait here, so that the comparison stays valid.
            list(Experiment.objects.select_for_update().values_list("pk"))
            before = read_rows(has_archived=True).fields
            _take_back(_touched(change_set))
            _refuse_interpreters(before, by)
            _write_origins(before, by)
            completeness.refresh_many(sorted(origins.give_back(change_set)))
            answers.reopen_undone(change_set)
            decided_guesses.forget(change_set)
    except (ProtectedError, RestrictedError) as error:
        raise RegistryError(_why_protected(error)) from error
    except IntegrityError as error:
        raise RegistryError(texts.NO_LONGER_FITS()) from error
    return made


def _refuse_interpreters(
    before: Mapping[str, Mapping[str, Any]], by: AbstractBaseUser | None
) -> None:
    """Refuse to restore an interpreter that `by` must not set; `before` is by experiment."""
    now = read_rows(has_archived=True)
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
    problems = [message.at(name) for name, _field, message in found]
    if problems:
        raise RegistryError(in_a_row(problems))


def _touched(change_set: ChangeSet) -> list[_Touched]:
    """Return every row of a change set; raises RegistryError if one cannot be undone."""
    found = [touched for model in _TRACKED for touched in _touched_of(model, change_set)]
    if not found and not change_set.origin_changes.exists():
        raise RegistryError(texts.TOUCHED_NOTHING())
    changed = [touched.name for touched in found if touched.changed_since] + _added_since(found)
    if changed:
        raise RegistryError(texts.CHANGED_SINCE(names=listed(changed)))
    return found


def _touched_of(model: type[Model], change_set: ChangeSet) -> list[_Touched]:
    history: Any = model.history  # type: ignore[attr-defined]
    inside: dict[int, list[Any]] = {}
    for record in history.filter(change_set=change_set).order_by("history_id"):
        inside.setdefault(record.id, []).append(record)
    earlier: dict[int, Any] = {}
    # A subquery selects the ids: a database limits the number of parameters in a query.
    touched = history.filter(change_set=change_set).order_by().values("id")
    for record in history.filter(id__in=touched).order_by("history_id"):
        if record.history_id < inside[record.id][0].history_id:
            earlier[record.id] = record
    now = model._default_manager.in_bulk(list(inside))
    found = []
    for pk, records in inside.items():
        row = _Touched(
            before=_before(records[0], earlier.get(pk)),
            after=None if records[-1].history_type == "-" else records[-1].instance,
            now=now.get(pk),
        )
        if row.before is not None or row.after is not None:
            found.append(row)
    return found


def _before(first: Any, earlier: Any) -> Model | None:
    """Return the row before the first record of a change set; None if it did not exist."""
    if first.history_type == "+":
        return None
    if earlier is None:
        raise RegistryError(texts.NOT_RECORDED(name=message_name_of(first.instance)))
    row: Model = earlier.instance
    return row


def _added_since(found: list[_Touched]) -> list[Message]:
    """Return the entry points added later to experiments that would be deleted."""
    going = [
        touched.now.pk
        for touched in found
        if isinstance(touched.now, Experiment) and touched.before is None
    ]
    known = [touched.now.pk for touched in found if isinstance(touched.now, EntryPoint)]
    later = EntryPoint.objects.filter(experiment__in=going).exclude(pk__in=known)
    return [message_name_of(row) for row in later.select_related("experiment")]


def _take_back(found: list[_Touched]) -> None:
    made = [touched.now for touched in found if touched.before is None and touched.now is not None]
    # An entry point may occupy the type of one to be restored; places may still be in use.
    _delete([row for row in made if isinstance(row, EntryPoint)])
    _restore([touched for touched in found if touched.before is not None])
    for model in reversed(_TRACKED):
        if model is not EntryPoint:
            _delete([row for row in made if isinstance(row, model)])


def _delete(rows: Sequence[Model]) -> None:
    """Delete rows of one model with what belongs to them; a few statements, and one per row."""
    for first in range(0, len(rows), change_sets.ROWS_AT_ONCE):
        pks = [row.pk for row in rows[first : first + change_sets.ROWS_AT_ONCE]]
        type(rows[0])._default_manager.filter(pk__in=pks).delete()


def _restore(found: Sequence[_Touched]) -> None:
    """Restore the old state of rows, parents first."""
    is_many = len(found) > change_sets.ROWS_AT_ONCE
    for model in _TRACKED:
        back: list[Model] = []
        for touched in found:
            if not isinstance(touched.before, model):
                continue
            path = _path_of(touched)
            row = _as_before(touched.before, touched.now)
            _check(row, path, is_many=is_many)
            if touched.now is None:
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
    """Return the old row, with the present values of computed columns."""
    if now is None:
        return before
    for field in before._meta.concrete_fields:
        if field.name not in _COMPUTED:
            setattr(now, field.attname, getattr(before, field.attname))
    return now


def _path_of(touched: _Touched) -> str:
    """Return the present path of an experiment; for a deleted one its last path."""
    row = touched.now or touched.before
    return row.path if isinstance(row, Experiment) else ""


def _check(row: Model, path: str, *, is_many: bool) -> None:
    """Raise RegistryError if a row cannot be restored; `path` is the present one.

    For many rows, uniqueness is left to the constraints of the database.
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
        problem = (
            error.message
            if isinstance(error, PathRefusedError)
            else plain(" ".join(error.messages))
        )
        message = texts.OLD_STATE_INVALID(name=message_name_of(row), problem=problem)
        raise RegistryError(message) from error


def _write_origins(before: dict[str, dict[str, Any]], by: AbstractBaseUser | None) -> None:
    """Record that a user decided every field of an experiment that differs now."""
    rows = read_rows(has_archived=True)
    decided = []
    for name, after in rows.fields.items():
        old = before.get(name, {})
        fields = [field for field in {**old, **after} if not same(old.get(field), after.get(field))]
        if fields:
            decided.append((rows.experiments[name], fields))
    origins.decide(
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


def _why_protected(error: ProtectedError | RestrictedError) -> Message:
    rows = (
        error.protected_objects if isinstance(error, ProtectedError) else error.restricted_objects
    )
    return texts.STILL_NEEDED(names=listed(sorted(map(message_name_of, rows), key=str)))
