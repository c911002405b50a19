"""Makes hostile requests for every address, the same ones for the same seed."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from django.contrib import admin
from django.test import Client

from tests.hostile.values import LOOKUPS, VALUES
from tests.permissions.addresses import Address, all_actions, all_addresses
from tests.permissions.entries import Data, Entry, Send
from tests.permissions.table import TABLE
from tests.permissions.world import World

# What varies in a route: a converter, a named group, a group.
_PART = re.compile(r"<[^>]+>|\(\?P<\w+>[^)]*\)|\(\[\^/\]\+\)")
_FORM = "application/x-www-form-urlencoded"
# What lists, forms and single pages read from the address.
_PARAMETERS = (
    *("q", "p", "o", "e", "all", "_popup", "_to_field", "_facets", "_changelist_filters", "page"),
    *("s", "term", "app_label", "model_name", "field_name", "next", "index", "show", "about"),
    *("experiment", "again", "type", "id", "path", "line", "around", "from", "before", "field"),
    *("id__in", "pk__in", "customer", "site", "task", "complete", "look", "stage", "last_run"),
    *("group", "status__exact", "type__exact", "queued_at_from", "queued_at_to", "origin__exact"),
    *("experiment__id__exact", "groups__id__exact", "is_active__exact", "rerun_of", "extended"),
)


@dataclass(frozen=True, kw_only=True)
class HostileRequest:
    """A request; `address` is percent-encoded, with what stands behind its question mark."""

    method: str
    address: str
    data: Data | None = None

    def send(self, client: Client) -> Any:
        if self.method == "get":
            return client.get(self.address)
        data = self.data or {}
        if any(hasattr(item, "read") for item in data.values()):
            return client.post(self.address, {name: _sendable(item) for name, item in data.items()})
        return client.post(self.address, _encoded(data), content_type=_FORM)


class Maker:
    """Makes requests by turns of each kind: addresses, look-ups, chosen rows, forms."""

    def __init__(self, world: World, boss: Client, *, seed: int) -> None:
        self._world, self._boss = world, boss
        self._random = random.Random(seed)  # noqa: S311  # to be repeated, not to be secret
        self._addresses = [item for item in all_addresses() if "logout" not in item.name]
        self._actions = all_actions()
        self._sends = [(entry, send) for entry in TABLE for send in entry.sends if not send.own]

    def requests(self, count: int) -> Iterator[HostileRequest]:
        kinds = (self._path, self._lookup, self._path, self._parameters, self._action, self._form)
        for number in range(count):
            yield kinds[number % len(kinds)]()

    def _path(self) -> HostileRequest:
        address = self._random.choice(self._addresses)
        method = self._random.choice(("get", "get", "get", "post"))
        return HostileRequest(
            method=method,
            address=self._filled(address) + self._query(),
            data={self._parameter(): self._value()} if method == "post" else None,
        )

    def _lookup(self) -> HostileRequest:
        model = self._random.choice(list(admin.site._registry))
        names = [field.name for field in model._meta.get_fields()]
        name = self._random.choice(names) + self._random.choice(LOOKUPS)
        view = self._random.choice(("", "", "", "add/"))
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/{view}"
        return HostileRequest(method="get", address=f"{path}?{_encoded({name: self._value()})}")

    def _parameters(self) -> HostileRequest:
        entry = self._random.choice(TABLE)
        output = {self._parameter(): self._value() for _ in range(self._random.randint(1, 3))}
        address = entry.address(self._world)
        mark = "&" if "?" in address else "?"
        return HostileRequest(method="get", address=f"{address}{mark}{_encoded(output)}")

    def _action(self) -> HostileRequest:
        listed, _hash, action = self._random.choice(self._actions).partition("#")
        data = {
            "action": self._random.choice((action, action, self._value())),
            "_selected_action": [self._value() for _ in range(self._random.randint(1, 3))],
            "index": self._random.choice(("0", "0", self._value())),
            "select_across": self._random.choice(("0", self._value())),
            "post": "yes",
        }
        return HostileRequest(method="post", address=self._world.address(listed), data=data)

    def _form(self) -> HostileRequest:
        entry, send = self._random.choice(self._sends)
        data = self._data(entry, send)
        for name in self._random.sample(sorted(data), min(len(data), self._random.randint(1, 3))):
            data[name] = self._value()
        address = entry.path(self._world) + send.query.format_map(self._world.keys)
        return HostileRequest(method="post", address=address, data=data)

    def _data(self, entry: Entry, send: Send) -> Data:
        return dict(send.data(self._world, self._boss, entry.address(self._world)))

    def _filled(self, address: Address) -> str:
        def part(_found: re.Match[str]) -> str:
            return quote(self._value(), safe="/", errors="surrogatepass")

        route = _PART.sub(part, address.route)
        return "/" + route.replace("^", "").removesuffix("$")

    def _query(self) -> str:
        few = self._random.random() < 0.3
        return f"?{_encoded({self._parameter(): self._value()})}" if few else ""

    def _parameter(self) -> str:
        return self._random.choice(_PARAMETERS)

    def _value(self) -> str:
        """Return a hostile value, or the key of a row that is there."""
        if self._random.random() < 0.15:
            return str(self._random.choice(list(self._world.keys.values())))
        return self._random.choice(VALUES)


def _encoded(values: Data) -> str:
    return urlencode(values, doseq=True, errors="surrogatepass")


def _sendable(value: Any) -> Any:
    """Return a part of a form with files; the client of the tests sends no half of a character."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
