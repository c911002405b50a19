"""Read the audit: log-ins and failures, changes of rights, changes of what runs execute.

Each kind has its own store: log-ins and failures in django-axes, changes of rights in
`AuditEntry`, changes of the registry in its history. They are merged here by time, newest first.
Pagination is by key: a page begins after the last row of the previous page, so the number of
queries and the rows they read depend on neither the size of the tables nor the page number.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from portal.access import audit_accounts, audit_commands
from portal.access.audit_events import Event, Filters

PER_PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of events, newest first; `next` is the start of the next page, '' on the last."""

    events: tuple[Event, ...]
    next: str = ""


@dataclass(frozen=True, kw_only=True, order=True)
class _Place:
    """Where a page begins: after this row."""

    at: datetime
    source: int
    pk: int = field(default=0)

    def behind(self, source: int, name: str) -> Q:
        if source < self.source:
            return Q(**{f"{name}__lt": self.at})
        if source > self.source:
            return Q(**{f"{name}__lte": self.at})
        return Q(**{f"{name}__lt": self.at}) | Q(**{name: self.at, "pk__lt": self.pk})


def page_of(filters: Filters, *, begin: str = "") -> Page:
    """Return a page; `begin` is the previous page's `next`, any other value starts at the top."""
    place = _read_place(begin)
    found: list[tuple[datetime, int, int, Any]] = []
    for number, source in enumerate(_SOURCES):
        if filters.kind in ("", source.kind):
            rows = source.rows(filters).filter(filters.between(source.at))
            if place is not None:
                rows = rows.filter(place.behind(number, source.at))
            ordered = rows.order_by(f"-{source.at}", "-pk")[: PER_PAGE + 1]
            found += [(getattr(row, source.at), number, row.pk, row) for row in ordered]
    found.sort(key=lambda entry: (-entry[0].timestamp(), entry[1], -entry[2]))
    shown = found[:PER_PAGE]
    events: dict[tuple[int, int], Event] = {}
    for number, source in enumerate(_SOURCES):
        own = [row for _at, of, _pk, row in shown if of == number]
        events |= {
            (number, row.pk): event
            for row, event in zip(own, source.shown(own) if own else (), strict=True)
        }
    at, number, pk, _row = shown[-1] if shown else (None, 0, 0, None)
    more = len(found) > PER_PAGE and at is not None
    return Page(
        events=tuple(events[of, key] for _at, of, key, _row in shown),
        next=_written(_Place(at=at, source=number, pk=pk)) if more and at is not None else "",
    )


def _written(place: _Place) -> str:
    text = json.dumps([place.at.isoformat(), place.source, place.pk])
    return base64.urlsafe_b64encode(text.encode()).decode()


def _read_place(text: str) -> _Place | None:
    try:
        at, source, pk = json.loads(base64.urlsafe_b64decode(text.encode()))
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or not 0 <= int(pk) < 2**63:
            return None
        return _Place(at=moment, source=int(source), pk=int(pk))
    except (ValueError, TypeError, OverflowError):
        return None


# The tables of events, in the order in which events of one moment are shown.
_SOURCES = (*audit_accounts.SOURCES, *audit_commands.SOURCES)
