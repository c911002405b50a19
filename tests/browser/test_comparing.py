"""Two runs are compared in three clicks from the home page, with a mouse or without one."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.places import BEST_RUN, FAILED_RUN, GOOD_RUN, OTHER_DATA
from tests.browser.serving import World
from tests.browser.visiting import Mode, Visiting
from tests.browser.world import tree
from tests.browser.world.people import ENGINEER, MANAGER

pytestmark = pytest.mark.browser

RUNS = "/admin/runs_app/run/"
ENGLISH = Mode(language="en")


def test_an_engineer_compares_two_runs_of_the_list(visiting: Visiting, world: World) -> None:
    with visiting.by(ENGINEER, ENGLISH) as visit:
        page = visit.page
        with visit.within(clicks=3):  # from the home page
            visit.follow(page.get_by_role("link", name="Runs", exact=True).first)
            page.get_by_role("checkbox", name=f"#{GOOD_RUN}", exact=True).check()
            visit.follow(page.get_by_role("link", name=f"#{BEST_RUN}: Compare with what is ticked"))
        expect(page.locator("thead .gfx-number")).to_have_text([f"#{GOOD_RUN}", f"#{BEST_RUN}"])
        expect(page.get_by_text("Comparable: the same data, classes")).to_be_visible()
        heads = page.locator("thead [data-run]")
        expect(heads).to_have_count(2)
        expect(heads.get_by_role("img", name="best")).to_have_count(1)
        expect(page.locator("[data-curves] canvas").first).to_be_visible()
        expect(page.locator(".gfx-pictures img")).to_have_count(2)


def test_one_run_is_compared_with_the_best_in_two_clicks(visiting: Visiting, world: World) -> None:
    with visiting.by(ENGINEER, ENGLISH) as visit:
        page = visit.page
        with visit.within(clicks=2):  # from the home page, any run
            visit.follow(page.get_by_role("link", name="Runs", exact=True).first)
            visit.follow(page.get_by_role("link", name=f"#{GOOD_RUN}: Compare with the best"))
        numbers = page.locator("thead .gfx-number")
        expect(numbers).to_have_text([f"#{BEST_RUN}", f"#{GOOD_RUN}"])
        visit.go("/admin/")
        with visit.within(clicks=1):  # one of my own, with the best of the same data
            visit.follow(page.get_by_role("link", name=f"#{FAILED_RUN}: Compare with the best"))
        expect(numbers).to_have_text([f"#{BEST_RUN}", f"#{FAILED_RUN}"])


def test_several_are_ticked_and_compared(visiting: Visiting, world: World) -> None:
    with visiting.by(ENGINEER, ENGLISH) as visit:
        page = visit.page
        visit.go(RUNS)
        for number in (GOOD_RUN, BEST_RUN, OTHER_DATA):
            page.get_by_role("checkbox", name=f"#{number}", exact=True).check()
        visit.follow(page.get_by_role("link", name="Compare c"))
        expect(page.locator("thead [data-run]")).to_have_count(3)


def test_a_comparison_follows_a_run_that_goes_on(visiting: Visiting, world: World) -> None:
    """A run that waits, as no host takes one, and is cancelled while the page is looked at."""
    world.portal("drain")
    run = world.portal("run_experiment", tree.HELMET.name, "--type", "train", "--queue").strip()
    try:
        with visiting.by(ENGINEER, ENGLISH) as visit:
            page = visit.page
            visit.go(f"{RUNS}compare/?run={GOOD_RUN}&run={run}")
            expect(page.get_by_text(f"Not ended yet: #{run};")).to_be_visible()
            expect(page).to_have_title(re.compile("^1 active · "))
            page.locator("[data-same]").check()
            page.locator(f"thead [data-run='{run}'] .gfx-number").focus()
            world.portal("cancel_run", run)
            head = page.locator(f"thead [data-run='{run}']")
            expect(head.get_by_role("img", name="cancelled")).to_be_visible()
            expect(head.locator(".gfx-number")).to_be_focused()
            expect(page.get_by_text("Not ended yet")).to_be_hidden()
            expect(page.locator(".gfx-same").first).to_be_visible()
            expect(page).not_to_have_title(re.compile("active"))
    finally:
        world.portal("drain", "--off")


def test_and_without_a_mouse(visiting: Visiting, world: World) -> None:
    with visiting.by(ENGINEER, ENGLISH) as visit:
        visit.go(RUNS)
        page = visit.page
        expect(page.locator(".gf-tray")).to_be_hidden()
        with page.expect_navigation():
            for key in "jxjxc":
                page.keyboard.press(key)
        expect(page.locator("thead [data-run]")).to_have_count(2)
        page.keyboard.press("s")
        expect(page.locator(".gfx-same").first).to_be_visible()
        page.keyboard.press("j")
        page.keyboard.press("j")
        with page.expect_navigation():
            page.keyboard.press("b")
        expect(page.locator("thead [data-run]")).to_have_count(2)


def test_a_manager_reads_a_link_to_runs_that_are_not_comparable(
    visiting: Visiting, world: World
) -> None:
    address = f"{RUNS}compare/?run={GOOD_RUN}&run={OTHER_DATA}&run={FAILED_RUN}"
    for mode in (ENGLISH, Mode(language="ko", width=390)):
        with visiting.by(MANAGER, mode) as visit:
            visit.go(address)
            expect(visit.page.locator(".gfx-assessment")).to_contain_text(
                {"en": "Not comparable", "ko": "비교할 수 없습니다"}[mode.language]
            )
            expect(visit.page.locator(".gfx-assessment")).to_contain_text("+ vest")
            expect(visit.page.locator("thead .gfx-not")).to_have_count(1)
