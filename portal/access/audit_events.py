"""What the audit is made of: its events, the filters of its page, and the tables behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone


class Kind(StrEnum):
    """A kind of event to filter by."""

    LOG_IN = "log_in"
    FAILURE = "failure"
    RIGHTS = "rights"
    EXECUTES = "executes"


@dataclass(frozen=True, kw_only=True)
class Event:
    """One row as it is shown; `address` is where the request came from, `link` leads to more."""

    at: datetime
    kind: Kind
    what: str
    who: str = ""
    subject: str = ""
    address: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()
    is_alarming: bool = False
    link: tuple[str, int] | None = None


@dataclass(frozen=True, kw_only=True)
class Filters:
    """The filters; an empty value matches everything. Both days are included in full."""

    who: str = ""
    kind: str = ""
    since: date | None = None
    until: date | None = None

    def between(self, name: str) -> Q:
        """Return the query condition that limits a field to the days."""
        condition = Q()
        if self.since is not None:
            condition &= Q(**{f"{name}__gte": _midnight(self.since)})
        if self.until is not None:
            condition &= Q(**{f"{name}__lt": _midnight(self.until + timedelta(days=1))})
        return condition


@dataclass(frozen=True, kw_only=True)
class Source:
    """One table of events: its rows, their time column, and how to show them in few queries."""

    kind: Kind
    at: str
    rows: Callable[[Filters], QuerySet[Any]]
    shown: Callable[[Sequence[Any]], Iterable[Event]]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
