"""Records what a request writes: the tables of its statements, and the rows that differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection, transaction

_WRITE = re.compile(
    r'\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|UPDATE|DELETE\s+FROM)\s+"?(\w+)"?',
    re.IGNORECASE,
)

Rows = dict[str, dict[Any, tuple[Any, ...]]]


@dataclass
class Writes:
    """What one request wrote: models whose tables it addressed, and models whose rows differ."""

    statements: set[str] = field(default_factory=set)
    rows: set[str] = field(default_factory=set)


def snapshot() -> Rows:
    """Return every row of every table of the portal."""
    return {
        model._meta.label: {
            row[0]: row for row in model._base_manager.values_list("pk", *_columns(model))
        }
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
    }


@contextmanager
def recorded(before: Rows) -> Iterator[Writes]:
    """Record what is written inside; it is rolled back afterwards."""
    labels = {
        model._meta.db_table: model._meta.label
        for model in apps.get_models(include_auto_created=True)
    }
    writes = Writes()

    def look(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if found := _WRITE.match(sql):
            writes.statements.add(labels.get(found[1], found[1]))
        return execute(sql, params, many, context)

    with transaction.atomic():
        with connection.execute_wrapper(look):
            yield writes
        if writes.statements:
            after = snapshot()
            writes.rows |= {label for label, rows in after.items() if rows != before[label]}
        transaction.set_rollback(True)


def _columns(model: Any) -> list[str]:
    return [item.attname for item in model._meta.concrete_fields]
