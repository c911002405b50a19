"""Link the history of rows to the change set that changed them."""

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
from registry_app.messages import Message, Value, plain
from registry_app.models import ChangeSet
from registry_app.texts.changes import AND_MORE, ROWS

ROWS_AT_ONCE = 200
PKS_AT_ONCE = 1000
MAX_NAMED = 10
_current: ContextVar[ChangeSet | None] = ContextVar("change_set", default=None)


@contextmanager
def change_set(
    origin: ChangeOrigin, *, by: AbstractBaseUser | None = None, summary: Message | None = None
) -> Iterator[ChangeSet]:
    """Open a change set, in a transaction; every row saved inside belongs to it."""
    with transaction.atomic():
        made = ChangeSet.objects.create(
            origin=origin, by_id=by.pk if by is not None else None, summary=summary
        )
        token = _current.set(made)
        try:
            yield made
        finally:
            _current.reset(token)


def present() -> ChangeSet | None:
    """Return the open change set, None outside of one."""
    return _current.get()


def tie_history_to_change_sets() -> None:
    """Make every history row refer to the open change set and its author."""
    pre_create_historical_record.connect(_tie, dispatch_uid="registry_app.changes.change_sets")


def _tie(history_instance: Any, **_kwargs: Any) -> None:
    current = _current.get()
    if current is not None:
        history_instance.change_set = current
        if current.by_id is not None:
            history_instance.history_user_id = current.by_id


def create(rows: Sequence[Model]) -> None:
    """Create many rows of one model with their history, in a few statements.

    The rows must be new. No signals are sent.
    """
    if not rows:
        return
    type(rows[0])._default_manager.bulk_create(rows, batch_size=ROWS_AT_ONCE)
    _write_history(rows, "+")


def update(rows: Sequence[Model], columns: Iterable[str]) -> None:
    """Write these columns of many rows of one model with their history, in a few statements.

    The rows must have been fetched with all columns, because their history stores every column.
    No signals are sent.
    """
    if not rows:
        return
    model: Any = type(rows[0])
    fields = model._meta.concrete_fields
    renewed = [field.name for field in fields if getattr(field, "auto_now", False)]
    # An upsert writes each value once; Django's bulk_update writes a condition for every row and
    # column, and takes many times as long.
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
    """Copy stored rows into their history in SQL, a thousand per statement.

    In Python this would take half of the time for which a large import blocks all other writers.
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
    """Return the display name of a row; deleted parents appear with their last name."""
    _find_parents(row)
    return str(row)


def message_name_of(row: Model) -> Message:
    """Return the display name of a row with its kind; rows of other apps may be among them."""
    text = ROWS.get(row._meta.model_name or "")
    return text(name=name_of(row)) if text else plain(f"{row._meta.verbose_name} {name_of(row)}")


def listed(names: Sequence[str | Message]) -> Value:
    """Return the first of many names, and how many more there are."""
    shown: Sequence[str | int | Message] = list(names[:MAX_NAMED])
    left = len(names) - MAX_NAMED
    return AND_MORE(names=shown, count=left) if left > 0 else shown


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
