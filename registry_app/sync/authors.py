"""Who edited in the portal what a sync writes into the file.

Each value has the author who last gave it to its row, by the history of the rows. When the last
sync was does not matter: an edit may wait for longer, or be made while a sync runs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.models import User

from registry_app.changes.change_sets import PKS_AT_ONCE
from registry_app.choices import ChangeOrigin
from registry_app.fields.names import (
    ENTRY_POINT_COLUMNS,
    EXPERIMENT_COLUMNS,
    SITE_FIELDS,
    same,
    split_field,
)
from registry_app.models import Customer, EntryPoint, Experiment, Site, VocabularyWord, Zone
from registry_app.sync.identity import CUSTOMER, WORD
from registry_app.sync.objects import WHOLE, Key


class Person(NamedTuple):
    """The author of a commit; `email` may be empty."""

    name: str
    email: str


class Edit(NamedTuple):
    """Who gave a value, and when; `user` is None for a scan, or where it is not known."""

    user: int | None
    at: datetime | None


# Looked up only where a commit is made.
Authors = Callable[[], list[Person]]
Editors = dict[Key, Edit]
NOT_KNOWN = Edit(None, None)


@dataclass(frozen=True, kw_only=True)
class _Cell:
    """A column with the value of a field, or with a key of the row that has it."""

    column: str
    value_of: Callable[[Any], Any] = lambda value: value


_OF_EXPERIMENT = {
    "name": _Cell(column="name"),
    WHOLE: _Cell(column="archived_at"),
    **{name: _Cell(column=column) for name, column in EXPERIMENT_COLUMNS.items()},
}
_OF_ENTRY_POINT = {name: _Cell(column=column) for name, column in ENTRY_POINT_COLUMNS.items()}
_OF_WORD = {
    # The row is there, or not any more.
    WHOLE: _Cell(column="word"),
    **{name: _Cell(column=name) for name in ("task", "language", "note")},
}
_OF_CUSTOMER = {name: _Cell(column=name) for name in ("display_name", "aliases")}


def people(editors: Editors) -> list[Person]:
    """Return the users among the editors; who edited last comes first."""
    last: dict[int, datetime] = {}
    for user, at in editors.values():
        if user is not None and at is not None:
            last[user] = max(at, last.get(user, at))
    users = User.objects.in_bulk(list(last))
    latest = sorted(last, key=lambda user: last[user], reverse=True)
    return [person_of(users[user]) for user in latest if user in users]


def editors_of(written: Mapping[str, Collection[str]], rows: Mapping[str, int]) -> Editors:
    """Return who gave these fields their values, by the ids and fields of the merge.

    `rows` has the experiment of each id; the field `*` is whether it is archived. Values of scans,
    and those without a history, have no user.
    """
    names = {name for fields in written.values() for name in fields}
    pks = {rows[id_] for id_ in written if id_ in rows}
    places = _Places(pks) if names & set(SITE_FIELDS) else None
    cells = {name: cell for name, cell in _OF_EXPERIMENT.items() if name in names}
    own = _edits(Experiment, pks, cells | (places.of_experiment if places else {}))
    points = _edits(EntryPoint, pks, _OF_ENTRY_POINT, by="experiment_id") if pks else {}
    sections = _customers(written) | _words(written)
    found: Editors = {}
    for id_, fields in written.items():
        pk = rows.get(id_)
        for name in fields:
            kind, field = split_field(name)
            if id_ in sections:
                edit = sections[id_].get(name)
            elif kind:
                edit = points.get((pk, kind, field))
            else:
                edit = own.get((pk, name))
                if places is not None and name in SITE_FIELDS:
                    edit = places.latest(pk, name, edit)
            found[id_, name] = edit or NOT_KNOWN
    return found


class _Places:
    """Who edited the zones, sites and customers of experiments, as parts of the site."""

    def __init__(self, pks: Collection[int]) -> None:
        columns = ("name", "site__region", "site__plant", "site__customer__name")
        keys = ("site_id", "site__customer_id")
        of_zone, self._keys = {}, {}
        for pk, zone, region, plant, customer, *above in Zone.objects.values_list(
            "pk", *columns, *keys
        ):
            of_zone[pk] = {
                "site.zone": zone,
                "site.region": region,
                "site.plant": plant,
                "site.customer": customer,
            }
            self._keys[pk] = (pk, *above)
        of_site = {self._keys[pk][1]: values for pk, values in of_zone.items()}
        of_customer = {self._keys[pk][2]: values["site.customer"] for pk, values in of_zone.items()}
        self.of_experiment = {
            name: _Cell(column="zone_id", value_of=_part(of_zone, name)) for name in SITE_FIELDS
        }
        self._zone_of = dict(_chunked(pks))
        zones = {zone for zone in self._zone_of.values() if zone and zone in self._keys}
        above = [self._keys[zone] for zone in zones]
        upper = ("site.region", "site.plant", "site.customer")
        self._edits = (
            _edits(
                Zone,
                zones,
                {
                    "site.zone": _Cell(column="name"),
                    **{
                        name: _Cell(column="site_id", value_of=_part(of_site, name))
                        for name in upper
                    },
                },
            ),
            _edits(
                Site,
                {keys[1] for keys in above},
                {
                    "site.region": _Cell(column="region"),
                    "site.plant": _Cell(column="plant"),
                    "site.customer": _Cell(column="customer_id", value_of=of_customer.get),
                },
            ),
            _edits(Customer, {keys[2] for keys in above}, {"site.customer": _Cell(column="name")}),
        )

    def latest(self, pk: int | None, name: str, edit: Edit | None) -> Edit | None:
        """Return the last edit of a part: of the experiment's own, or of a row of its place."""
        zone = self._zone_of.get(pk or 0)
        keys = self._keys.get(zone or 0, ())
        found = [edit] + [
            edits.get((key, name)) for edits, key in zip(self._edits, keys, strict=False)
        ]
        known = [item for item in found if item is not None and item.at is not None]
        return max(known, key=_time) if known else None


def _edits(
    model: Any, keys: Collection[int], cells: Mapping[str, _Cell], *, by: str = "id"
) -> dict[tuple[Any, ...], Edit]:
    """Return the last edit of each cell by the row's key and the cell's name, by the history.

    Entry points are found by their experiment and type, since a row may be deleted and made again.
    What a sync wrote came from the file, or was edited by somebody before.
    """
    found: dict[tuple[Any, ...], Edit] = {}
    if not cells:
        return found
    key_columns = (by, "type") if by != "id" else (by,)
    columns = sorted({cell.column for cell in cells.values()})
    last: dict[tuple[Any, ...], Any] = {}
    wanted = sorted(keys)
    for first in range(0, len(wanted), PKS_AT_ONCE):
        rows = model.history.filter(**{f"{by}__in": wanted[first : first + PKS_AT_ONCE]})
        facts = ("history_type", "change_set__origin", "history_user_id", "history_date")
        for row in rows.order_by("history_id").values_list(*key_columns, *facts, *columns):
            key, (change, origin, user, at) = row[: len(key_columns)], row[len(key_columns) :][:4]
            values = dict(zip(columns, row[len(key_columns) + 4 :], strict=True))
            for name, cell in cells.items():
                value = None if change == "-" else cell.value_of(values[cell.column])
                if same(last.get((*key, name)), value):
                    continue
                last[*key, name] = value
                if origin != ChangeOrigin.SYNC:
                    found[*key, name] = Edit(None if origin == ChangeOrigin.SCAN else user, at)
    return found


def _customers(written: Mapping[str, Collection[str]]) -> dict[str, dict[str, Edit]]:
    """Return who edited the names of customers, by their ids in the merge."""
    wanted = {id_ for id_ in written if id_.startswith(CUSTOMER)}
    if not wanted:
        return {}
    ids = {
        pk: id_
        for pk, name in Customer.objects.values_list("pk", "name")
        if (id_ := f"{CUSTOMER}{name.casefold()}") in wanted
    }
    found: dict[str, dict[str, Edit]] = {id_: {} for id_ in wanted}
    for (pk, name), edit in _edits(Customer, list(ids), _OF_CUSTOMER).items():
        found[ids[pk]][name] = edit
    return found


def _words(written: Mapping[str, Collection[str]]) -> dict[str, dict[str, Edit]]:
    """Return who edited, added or deleted words of the vocabulary, by their ids in the merge."""
    found: dict[str, dict[str, Edit]] = {id_: {} for id_ in written if id_.startswith(WORD)}
    words = [id_.removeprefix(WORD) for id_ in found]
    rows = VocabularyWord.history.filter(word__in=words[:PKS_AT_ONCE]) if words else None
    ids = {pk: f"{WORD}{word}" for pk, word in rows.values_list("id", "word")} if rows else {}
    for (pk, name), edit in _edits(VocabularyWord, sorted(ids), _OF_WORD).items() if ids else ():
        before = found[ids[pk]].get(name)
        if before is None or (edit.at and before.at and edit.at > before.at):
            found[ids[pk]][name] = edit
    return found


def _chunked(pks: Collection[int]) -> Iterator[tuple[int, int | None]]:
    """Yield the zones of experiments."""
    wanted = sorted(pks)
    for first in range(0, len(wanted), PKS_AT_ONCE):
        rows = Experiment.everything.filter(pk__in=wanted[first : first + PKS_AT_ONCE])
        yield from rows.order_by().values_list("pk", "zone_id")


def _part(values: Mapping[int, Mapping[str, Any]], name: str) -> Callable[[Any], Any]:
    return lambda key: values.get(key, {}).get(name)


def _time(edit: Edit) -> datetime:
    assert edit.at is not None  # noqa: S101  # those without a time are left out
    return edit.at


def person_of(user: User) -> Person:
    """Return a user as the author of a commit."""
    return Person(user.get_full_name().strip() or user.get_username(), user.email)
