"""The table names every address, action and form of the portal; what is new fails by name."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from django.contrib.auth.models import User
from django.urls import resolve

from tests.permissions.addresses import all_actions, all_addresses, name_of
from tests.permissions.entries import Entry
from tests.permissions.roles import browser_of
from tests.permissions.table import TABLE
from tests.permissions.world import World
from tests.stories.browser import Page

NAMES = {entry.name for entry in TABLE}
# Parts of the theme, on every page; the addresses that they lead to have lines of their own.
ON_EVERY_PAGE = {"admin:logout", "set_language"}


def test_every_address_has_a_line_in_the_table() -> None:
    for address in all_addresses():
        assert address.name in NAMES, (
            f"{address.name} ({address.route}) is new. Add a line to a table in tests/permissions: "
            f'page("{address.name}", see=...) if it only shows something, `takes` or `button` if '
            "it takes forms, `model_pages` for all pages of a model. Then run "
            "`python -m tests.permissions`."
        )


def test_no_line_speaks_of_an_address_that_is_gone() -> None:
    assert {address.name for address in all_addresses()} == NAMES


def test_no_address_has_two_lines() -> None:
    assert len(NAMES) == len(TABLE)


@pytest.mark.django_db
def test_every_action_of_a_list_is_sent(world: World) -> None:
    boss = browser_of(User.objects.get(pk=world.keys["author"]))
    sent = {
        f"{entry.name}#{data['action']}"
        for entry in TABLE
        if entry.name.endswith("_changelist")
        for send in entry.sends
        if "action" in (data := send.data(world, boss, entry.address(world)))
    }
    for action in all_actions():
        assert action in sent, (
            f"{action} is new. Add to the line of its list, under `actions`: "
            'Send(what="...", by=..., changes=..., data=chosen("NAME OF THE ACTION", "A ROW")).'
        )


@pytest.mark.proof
@pytest.mark.django_db
@pytest.mark.first
@pytest.mark.timeout(1200)
def test_every_form_of_a_page_is_sent(world: World) -> None:
    boss = browser_of(User.objects.get(pk=world.keys["author"]))
    with_forms = {entry.name for entry in TABLE if entry.sends} | ON_EVERY_PAGE
    for entry in TABLE:
        for target in _targets(boss, entry, world):
            name = name_of(resolve(target))
            assert name in with_forms, (
                f"{entry.name} has a form for {name}, which no line of the table sends. Add "
                'sends=(Send(what="...", by=..., changes=..., data=form("A FIELD")),) to it.'
            )


def _targets(boss: object, entry: Entry, world: World) -> set[str]:
    """Return the paths that the forms of a page are sent to."""
    address = entry.address(world)
    answer = boss.get(address)  # type: ignore[attr-defined]
    if answer.streaming:
        b"".join(answer)
        return set()
    shown = Page(status=200, url=address, text=answer.text, headers={})
    return {
        urlsplit(urljoin(address, form.action)).path
        for form in shown.forms
        if form.method == "post" and (form.action or form.names - {"csrfmiddlewaretoken"})
    }
