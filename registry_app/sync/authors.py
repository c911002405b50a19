"""Who edited in the portal what a sync writes into the file."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.models import User

from registry_app.choices import ChangeOrigin
from registry_app.models import EntryPoint, Experiment

# What a scan or another sync wrote is the portal's work.
_OF_THE_PORTAL = (ChangeOrigin.SCAN, ChangeOrigin.SYNC)


class Person(NamedTuple):
    """The author of a commit; `email` may be empty."""

    name: str
    email: str


# Looked up only where a commit is made.
Authors = Callable[[], list[Person]]


def authors_of(experiments: Collection[int], since: datetime | None) -> list[Person]:
    """Return who edited these experiments since a moment; who edited last comes first."""
    last: dict[int, datetime] = {}
    for model, column in ((Experiment, "id"), (EntryPoint, "experiment_id")):
        history: Any = model.history
        rows = history.exclude(change_set__origin__in=_OF_THE_PORTAL).exclude(history_user=None)
        if since is not None:
            rows = rows.filter(history_date__gt=since)
        for experiment, user, at in rows.values_list(column, "history_user", "history_date"):
            if experiment in experiments:
                last[user] = max(at, last.get(user, at))
    users = User.objects.in_bulk(list(last))
    latest = sorted(last, key=lambda user: last[user], reverse=True)
    return [_person(users[user]) for user in latest if user in users]


def _person(user: User) -> Person:
    return Person(user.get_full_name().strip() or user.get_username(), user.email)
