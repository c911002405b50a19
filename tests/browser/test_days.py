"""A day of an engineer and of a manager: each question has an answer within a few clicks."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.places import BEST_RUN, FAILED_RUN, GOOD_RUN, OTHER_DATA
from tests.browser.serving import World
from tests.browser.visiting import LOCALES, Mode, Visit, Visiting
from tests.browser.world import tree
from tests.browser.world.people import ENGINEER, MANAGER

pytestmark = pytest.mark.browser

RUNS = "/admin/runs_app/run/"
in_each_language = pytest.mark.parametrize("mode", [Mode(language=one) for one in LOCALES], ids=str)
# Whatever the language, the cause of run 21 has this or the code of its class.
MEMORY = {"ko": "GPU 메모리", "en": "memory"}
STAGE = {"ko": "5단계 중 1단계", "en": "stage 1 of 5"}
FAILED_THIS_WEEK = {"ko": "이번 주 실패", "en": "Failed this week"}
BEST_PER_EXPERIMENT = {"ko": "실험별 최고", "en": "Best per experiment"}
BEST_ALONE = {"ko": "최고", "en": "best"}
TO_CONFIRM = {"ko": "확인할 추정", "en": "guesses"}


def is_on_screen(visit: Visit, what: Locator) -> bool:
    """Whether all of it is on the first screen, without scrolling."""
    what.wait_for()
    box, size = what.bounding_box(), visit.page.viewport_size
    assert box is not None
    assert size is not None
    return bool(box["y"] >= 0 and box["y"] + box["height"] <= size["height"])


@in_each_language
def test_an_engineer(visiting: Visiting, world: World, mode: Mode) -> None:
    language = mode.language
    with visiting.by(ENGINEER, mode) as visit:
        page = visit.page
        cause = page.get_by_text(MEMORY[language])
        with visit.within(clicks=0):  # why it failed stands on the home page
            mine = page.locator(".gfh-runs li").filter(has_text=f"#{FAILED_RUN}")
            expect(mine).to_contain_text(MEMORY[language])
            assert is_on_screen(visit, mine)

        with visit.within(clicks=2):  # the best of twenty runs
            visit.follow(page.locator(f"nav a[href='{RUNS}'], aside a[href='{RUNS}']").first)
            visit.follow(page.locator(".gf-views a").filter(has_text=BEST_PER_EXPERIMENT[language]))
            row = page.locator("[data-rows] tr").filter(has_text=f"#{BEST_RUN}")
            assert is_on_screen(visit, row)
            expect(row).to_contain_text("★")

        visit.go(RUNS)
        with visit.within(clicks=0):  # and in the list
            row = page.locator(f"[data-run='{FAILED_RUN}']")
            expect(row).to_contain_text(MEMORY[language])
            assert is_on_screen(visit, row)

        with visit.within(clicks=1):  # and on the page of the run
            visit.follow(page.locator(f"[data-run='{FAILED_RUN}'] .gf-c-id a").first)
            assert is_on_screen(visit, cause.first)

        visit.go(RUNS)
        with visit.within(clicks=1):  # what a run changed against the best
            visit.follow(page.locator(f"[data-run='{GOOD_RUN}'] .gf-beside"))
            expect(page.locator("thead .gfx-number")).to_have_text([f"#{BEST_RUN}", f"#{GOOD_RUN}"])
            assert is_on_screen(visit, page.locator("[data-section=parameters]"))
            best = page.locator("thead").get_by_role("img", name=BEST_ALONE[language], exact=True)
            expect(best).to_have_count(1)


@in_each_language
def test_a_manager(visiting: Visiting, world: World, mode: Mode) -> None:
    language = mode.language
    customer, site, _task = tree.HELMET.name.split("-")
    with visiting.by(MANAGER, mode) as visit:
        page = visit.page
        row = page.locator(".gfh-matrix tbody tr").filter(has_text=site)
        with visit.within(clicks=0):  # which site has which task at which stage
            expect(row).to_contain_text(customer)
            cell = row.locator("td a")
            expect(cell.get_by_role("img", name=STAGE[language])).to_be_visible()
            assert is_on_screen(visit, cell)

        with visit.within(clicks=0):  # the last good run and its metric
            expect(cell).to_contain_text(f"#{OTHER_DATA}")
            expect(cell.locator("b")).to_contain_text("0.9")

        with visit.within(clicks=1):  # what failed this week
            figure = page.locator(".gfh-figures > div").filter(has_text=FAILED_THIS_WEEK[language])
            expect(figure).to_contain_text(MEMORY[language])
            count = int(figure.locator(".gfd-value").inner_text())
            visit.follow(figure.locator("a").first)
            expect(page.locator("[data-rows] tr")).to_have_count(count)
            expect(page.locator("[data-rows] .gf-cause")).to_have_count(count)

        visit.go("/admin/")
        with visit.within(clicks=0):  # what waits for whom
            waits = page.locator("[aria-labelledby=gf-waits]")
            expect(waits).to_contain_text("PM")
            expect(waits).to_contain_text(TO_CONFIRM[language])
            assert is_on_screen(visit, waits)
