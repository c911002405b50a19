"""Menus without a mouse, on a screen and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.serving import World
from tests.browser.visiting import Mode, Visiting
from tests.browser.world import tree
from tests.browser.world.people import ADMINISTRATOR, ENGINEER

pytestmark = pytest.mark.browser

# More stops than a page has before its content.
MAX_STOPS = 60


def tab_to(page: Page, wanted: Locator) -> None:
    for _stop in range(MAX_STOPS):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            return
    pytest.fail("Tab does not lead there")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_run_menu_works_by_keyboard_and_offers_the_types_that_are_there(
    visiting: Visiting, world: World, width: int
) -> None:
    experiment = world.number("registry_app_experiment", name=tree.HELMET.name)
    with visiting.by(ADMINISTRATOR, Mode(language="en", width=width)) as visit:
        page = visit.page
        visit.go(f"/admin/registry_app/experiment/{experiment}/change/")
        if width == 390:
            tab_to(page, page.get_by_role("button", name="Actions"))
            page.keyboard.press("Enter")
        menu = page.locator(".gf-menu", has=page.locator("nav[aria-label='Run']"))
        run, entries = menu.locator("summary"), menu.locator("nav a")
        expect(run).to_be_visible()
        expect(entries).to_have_count(1)
        expect(entries).to_contain_text("Run training")

        tab_to(page, run)
        page.keyboard.press("ArrowDown")
        expect(entries).to_be_focused()
        expect(entries).to_be_in_viewport(ratio=1)
        page.keyboard.press("Escape")
        expect(run).to_be_focused()
        expect(entries).to_be_hidden()
        page.keyboard.press("Enter")
        expect(entries).to_be_visible()
        page.keyboard.press("Tab")
        expect(entries).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/run/new/?type=train&experiment={experiment}")


def test_a_note_is_written_from_the_table_of_runs(visiting: Visiting, world: World) -> None:
    with visiting.by(ENGINEER, Mode(language="en")) as visit:
        page = visit.page
        visit.go("/admin/runs_app/run/")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_contain_text("write a note on the run")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
        with page.expect_navigation():
            for key in "jn":
                page.keyboard.press(key)
        note = page.get_by_role("textbox", name="Note", exact=True)
        expect(note).to_be_focused()
        with page.expect_navigation():
            note.fill("밤에 다시")
            page.keyboard.press("Enter")
        expect(page.locator("#remarks > p")).to_have_text("밤에 다시")
