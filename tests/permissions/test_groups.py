"""Each group opens and changes exactly what the table says, with forms as the pages have them."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.permissions.entries import Data, Entry, Send
from tests.permissions.recorder import Rows, Writes, recorded, snapshot
from tests.permissions.roles import GROUPS, Role, browser_of, employ, secret_of
from tests.permissions.table import TABLE
from tests.permissions.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.first, pytest.mark.timeout(1200)]

# What a session of one's own writes, whoever one is; the audit keeps log-ins and log-outs.
OWN_SESSION = frozenset({"sessions.Session", "axes.AccessLog"})
# What follows from a change by the portal's own rules, beside the history of the rows.
FOLLOWS = frozenset(
    {
        *("admin.LogEntry", "registry_app.ChangeSet", "registry_app.FieldProvenance"),
        *("registry_app.OriginChange", "registry_app.DecidedGuess"),
        *(
            "registry_app.Zone",
            "registry_app.Proposal",
            "registry_app.EntryPoint",
            "registry_app.Script",
        ),
        *("registry_app.Experiment", "registry_app.Customer", "registry_app.Site"),
        *("auth.User_groups", "auth.User_user_permissions", "auth.Group_permissions"),
        *("runs_app.GpuLease", "django_q.OrmQ", "portal.AuditEntry"),
    }
)
NOTHING: Data = {"post": "yes", "_save": "Save"}


class Visit:
    """One person who sends requests to the portal, each of which is rolled back."""

    def __init__(self, world: World, role: Role) -> None:
        self.world, self.role = world, role
        person = User.objects.get(pk=world.keys["author"])
        self._boss = browser_of(person)
        self._browser = browser_of(person if role is Role.ADMINISTRATOR else employ(role))
        self._before: Rows = snapshot()
        self.problems: list[str] = []

    def get(self, entry: Entry) -> None:
        answer, writes = self._ask("get", entry.address(self.world))
        is_let_in = _lets_in(answer, entry)
        if is_let_in != (self.role in entry.see):
            self._say(entry.name, f"GET was answered {answer.status_code} {answer.get('Location')}")
        self._must_not_write(entry.name, "GET", writes)

    def send(self, entry: Entry, send: Send) -> None:
        """Send a valid form; what it changes is what the table says, and nothing for others."""
        may = self.role in send.by
        builder = self._browser if send.own and may else self._boss
        try:
            data = send.data(self.world, builder, entry.address(self.world))
        except AssertionError as error:
            self._say(entry.name, f"“{send.what}” has no form: {error}")
            return
        address = entry.path(self.world) + send.query.format_map(self.world.keys)
        answer, writes = self._ask("post", address, data)
        if not may and answer.status_code >= 500:
            self._say(entry.name, f"“{send.what}” was answered {answer.status_code}")
        if not may:
            self._must_not_write(entry.name, f"“{send.what}”", writes)
            return
        if answer.status_code >= 400:
            self._say(entry.name, f"“{send.what}” was answered {answer.status_code}")
        changed = {row for row in writes.rows if "Historical" not in row} - OWN_SESSION
        if lacking := send.changes - changed:
            self._say(
                entry.name, f"“{send.what}” did not change {_listed(lacking)}: {_why(answer)}"
            )
        if others := changed - send.changes - (FOLLOWS if send.changes else frozenset()):
            self._say(entry.name, f"“{send.what}” also changed {_listed(others)}")

    def post_nothing(self, entry: Entry) -> None:
        """A form that no page has changes nothing."""
        answer, writes = self._ask("post", entry.path(self.world), NOTHING)
        if answer.status_code >= 500:
            self._say(entry.name, f"an empty POST was answered {answer.status_code}")
        self._must_not_write(entry.name, "an empty POST", writes)

    def _ask(self, method: str, address: str, data: Data | None = None) -> tuple[Any, Writes]:
        client: Client = self._browser
        cookies = deepcopy(client.cookies)  # a log-out is taken back with its rows
        with recorded(self._before) as writes:
            output = {**data, **secret_of(client)} if data is not None else None
            answer = getattr(client, method)(address, output)
            if answer.streaming:
                b"".join(answer)  # read to its end, a file is closed
        client.cookies = cookies
        return answer, writes

    def _must_not_write(self, name: str, what: str, writes: Writes) -> None:
        if written := (writes.statements | writes.rows) - OWN_SESSION:
            self._say(name, f"{what} wrote {_listed(written)}")

    def _say(self, name: str, problem: str) -> None:
        self.problems.append(f"{name}: {problem}")


@pytest.mark.parametrize(
    "role",
    [
        *GROUPS,
        *(pytest.param(role, marks=pytest.mark.proof) for role in Role if role not in GROUPS),
    ],
)
def test_no_role_opens_or_writes_more_than_the_table_says(world: World, role: Role) -> None:
    visit = Visit(world, role)
    for entry in TABLE:
        visit.get(entry)
        for send in entry.sends:
            visit.send(entry, send)
        if not entry.sends:
            visit.post_nothing(entry)
    assert not visit.problems, f"as {role}:\n" + "\n".join(visit.problems)


def _lets_in(answer: Any, entry: Entry) -> bool:
    if answer.status_code in entry.also or (entry.is_post_only and answer.status_code == 405):
        return True
    leads_to_login = answer.status_code == 302 and "/login/" in answer["Location"]
    return answer.status_code < 400 and not leads_to_login


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _why(answer: Any) -> str:
    return f"{answer.status_code} {answer.get('Location', '')}"
