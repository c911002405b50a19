"""Every page can be read and used by everybody: axe finds nothing serious, no page is too wide."""

from __future__ import annotations

import itertools
from importlib import resources
from typing import Any

import pytest

from tests.browser.places import PLACES, Place
from tests.browser.serving import World
from tests.browser.visiting import LOCALES, USUAL, Mode, Visit, Visiting

pytestmark = pytest.mark.browser

AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
SERIOUS = frozenset({"serious", "critical"})
# What is accepted, by rule, with the reason. Nothing so far.
ACCEPTED: dict[str, str] = {}

ALL_MODES = [
    Mode(language=language, colours=colours, width=width)
    for language, colours, width in itertools.product(LOCALES, ("light", "dark"), (1280, 390))
]


def problems(visit: Visit) -> list[str]:
    """Return what axe finds serious on the page, and how far it is too wide."""
    visit.page.evaluate(AXE)
    told: dict[str, Any] = visit.page.evaluate("axe.run({resultTypes: ['violations']})")
    found = [
        f"{rule['id']}: {rule['help']}: {node['html'][:200]}"
        for rule in told["violations"]
        if rule["impact"] in SERIOUS and rule["id"] not in ACCEPTED
        for node in rule["nodes"]
    ]
    too_wide = visit.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return found + ([f"{too_wide} px wider than the screen"] if too_wide > 0 else [])


def check(visiting: Visiting, world: World, mode: Mode) -> None:
    """Look at all pages, so that one broken page does not hide the others."""
    found: dict[str, list[str]] = {}
    with visiting.by(None, mode) as visit:
        visit.go("/admin/login/")
        found["log-in"] = problems(visit)
    by_person = itertools.groupby(sorted(PLACES, key=_who), key=_who)
    for _name, places in by_person:
        group: list[Place] = list(places)
        with visiting.by(group[0].person, mode) as visit:
            for place in group:
                visit.go(place.address(world))
                found[place.name] = problems(visit)
    assert {name: lines for name, lines in found.items() if lines} == {}


def _who(place: Place) -> str:
    return place.person.username


def test_axe_finds_nothing_serious_on_any_page(visiting: Visiting, world: World) -> None:
    check(visiting, world, USUAL)


@pytest.mark.long
@pytest.mark.parametrize("mode", [mode for mode in ALL_MODES if mode != USUAL], ids=str)
def test_in_every_language_theme_and_width(visiting: Visiting, world: World, mode: Mode) -> None:
    check(visiting, world, mode)
