"""Ties the history of rows to the change set through which they were changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Model
from simple_history.signals import pre_create_historical_record
from simple_history.utils import bulk_create_with_history

from registry_app.choices import ChangeOrigin
from registry_app.models import ChangeSet

ROWS_AT_ONCE = 200
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
    current = _current.get()
    bulk_create_with_history(
        rows,
        type(rows[0]),
        batch_size=ROWS_AT_ONCE,
        default_user=current.by if current is not None else None,
        custom_historical_attrs={"change_set": current} if current is not None else None,
    )


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
    current = _current.get()
    model.history.bulk_history_create(
        rows,
        batch_size=ROWS_AT_ONCE,
        update=True,
        default_user=current.by if current is not None else None,
        custom_historical_attrs={"change_set": current} if current is not None else None,
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
