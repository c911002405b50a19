"""Ties the history of rows to the change set through which they were changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone
from simple_history.signals import pre_create_historical_record

from registry_app.choices import ChangeOrigin
from registry_app.models import ChangeSet

ROWS_AT_ONCE = 200
PKS_AT_ONCE = 1000
_current: ContextVar[ChangeSet | None] = ContextVar("change_set", default=None)


@contextmanager
def change_set(
    origin: ChangeOrigin, *, by: AbstractBaseUser | None = None, summary: str = ""
) -> Iterator[ChangeSet]:
    """Make a change set; every row that is saved inside belongs to it, or none is saved at all."""
    with transaction.atomic():
        made = ChangeSet.objects.create(
            origin=origin, by_id=by.pk if by is not None else None, summary=summary[:400]
        )
        token = _current.set(made)
        try:
            yield made
        finally:
            _current.reset(token)


def tie_history_to_change_sets() -> None:
    """Let every row of history name the present change set and its author."""
    pre_create_historical_record.connect(_tie, dispatch_uid="registry_app.changes.change_sets")


def _tie(history_instance: Any, **_kwargs: Any) -> None:
    current = _current.get()
    if current is not None:
        history_instance.change_set = current
        if current.by_id is not None:
            history_instance.history_user_id = current.by_id


def create(rows: Sequence[Model]) -> None:
    """Create many rows of one model with their history, in a few statements.

    They must have been made for the first time: no signals are sent.
    """
    if not rows:
        return
    type(rows[0])._default_manager.bulk_create(rows, batch_size=ROWS_AT_ONCE)
    _write_history(rows, "+")


def update(rows: Sequence[Model], columns: Iterable[str]) -> None:
    """Write these columns of many rows of one model with their history, in a few statements.

    The rows must have been fetched whole, as their history tells every column. No signals are
    sent.
    """
    if not rows:
        return
    model: Any = type(rows[0])
    fields = model._meta.concrete_fields
    renewed = [field.name for field in fields if getattr(field, "auto_now", False)]
    # An insert that meets its own row writes each value once; Django's bulk_update writes a
    # condition for every row and column, and takes many times as long.
    kept = [field.attname for field in fields if getattr(field, "auto_now_add", False)]
    before = [[getattr(row, name) for name in kept] for row in rows]
    model._default_manager.bulk_create(
        rows,
        batch_size=ROWS_AT_ONCE,
        update_conflicts=True,
        unique_fields=[model._meta.pk.name],
        update_fields=sorted({*columns, *renewed}),
    )
    for row, values in zip(rows, before, strict=True):
        for name, value in zip(kept, values, strict=True):
            setattr(row, name, value)
    _write_history(rows, "~")


def _write_history(rows: Sequence[Model], kind: str) -> None:
    """Copy rows as they are stored into their history, a thousand in a statement.

    Made in Python they would take half of the time for which a large import keeps all other
    writers waiting.
    """
    model: Any = type(rows[0])
    history = model.history.model
    current = _current.get()
    user = history.get_default_history_user(rows[0]) if current is None else None
    own = {
        "history_date": connection.ops.adapt_datetimefield_value(timezone.now()),
        "history_type": kind,
        "history_user_id": current.by_id if current is not None else user and user.pk,
        "change_set_id": current.pk if current is not None else None,
    }
    quoted = connection.ops.quote_name
    columns = ", ".join(quoted(field.column) for field in history.tracked_fields)
    named = ", ".join(quoted(name) for name in own)
    with connection.cursor() as cursor:
        for first in range(0, len(rows), PKS_AT_ONCE):
            pks = [row.pk for row in rows[first : first + PKS_AT_ONCE]]
            cursor.execute(
                f"INSERT INTO {quoted(history._meta.db_table)} ({columns}, {named}) "  # noqa: S608
                f"SELECT {columns}, {', '.join(['%s'] * len(own))} "
                f"FROM {quoted(model._meta.db_table)} "
                f"WHERE {quoted(model._meta.pk.column)} IN ({', '.join(['%s'] * len(pks))}) "
                f"ORDER BY {quoted(model._meta.pk.column)}",
                [*own.values(), *pks],
            )


def name_of(row: Model) -> str:
    """Return what people call a row; parents that are gone are named as they last were."""
    _find_parents(row)
    return str(row)


def _find_parents(row: Model) -> None:
    for field in row._meta.concrete_fields:
        history: Any = getattr(field.related_model, "history", None)
        key = getattr(row, field.attname)
        if history is None or key is None:
            continue
        try:
            parent = getattr(row, field.name)
        except ObjectDoesNotExist:
            last = history.filter(id=key).order_by("history_id").last()
            if last is None:
                continue
            parent = last.instance
            setattr(row, field.name, parent)
        _find_parents(parent)
