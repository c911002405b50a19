"""An engineer at the page of a run: curves, log and search, by mouse and by keyboard."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest
from playwright.sync_api import expect

from tests.browser.places import FAILED_RUN, GOOD_RUN, RUNS
from tests.browser.serving import World
from tests.browser.visiting import Mode, Visiting
from tests.browser.world.people import ENGINEER

pytestmark = pytest.mark.browser
FAILED = f"{RUNS}/run/{FAILED_RUN}/change/"
GOOD = f"{RUNS}/run/{GOOD_RUN}/change/"
ENGLISH = Mode(language="en")
# Its log is replaced by a long one.
LONG_RUN = 19


def test_cause_of_a_failure_leads_to_its_line_in_the_log(visiting: Visiting) -> None:
    with visiting.by(ENGINEER, ENGLISH) as visit:
        visit.go(FAILED)
        cause = visit.page.locator(".gfd-figures a").first
        expect(cause).to_contain_text("GPU memory")
        with visit.within(1):
            cause.click()
            expect(visit.page.locator(".gfr-log .here")).to_contain_text("Traceback")


def test_whole_log_is_searched_and_hits_are_walked_through(visiting: Visiting) -> None:
    with visiting.by(ENGINEER, ENGLISH) as visit:
        visit.go(FAILED)
        page = visit.page
        page.locator("[data-tab=merged]").click()
        page.keyboard.press("/")
        page.keyboard.type("MEMORY")
        page.keyboard.press("Enter")
        expect(page.locator("[data-role=found]")).to_have_text("1 / 2")
        page.keyboard.press("Enter")
        expect(page.locator("[data-role=found]")).to_have_text("2 / 2")
        expect(page.locator("#log-merged .here")).to_contain_text("MemoryError")
        page.keyboard.press("Escape")
        expect(page.locator("[data-role=results]")).to_be_hidden()


def test_first_error_and_a_line_are_one_step_away(visiting: Visiting) -> None:
    with visiting.by(ENGINEER, ENGLISH) as visit:
        visit.go(GOOD)
        page = visit.page
        page.locator("[data-role=place]").fill("12")
        page.locator("[data-role=place]").press("Enter")
        expect(page.locator("#log-stdout .here")).to_have_attribute("data-n", "12")
        page.locator("h2").first.click()
        page.keyboard.press("e")
        expect(page.locator("[data-role=found]")).to_have_text("No line looks like an error.")


def test_curves_are_drawn_read_and_zoomed_by_keyboard(visiting: Visiting) -> None:
    with visiting.by(ENGINEER, ENGLISH) as visit:
        visit.go(GOOD)
        page = visit.page
        charts = page.locator(".gfc-chart")
        expect(charts).to_have_count(3)
        expect(page.locator(".gfc-chart canvas")).to_have_count(3)
        charts.first.focus()
        page.keyboard.press("End")
        expect(charts.first.locator("output")).to_contain_text("step 40 · this run 0.8")
        page.keyboard.press("+")
        expect(page.locator("[data-curve=whole]")).to_be_visible()
        page.keyboard.press("0")
        expect(page.locator("[data-curve=whole]")).to_be_hidden()
        page.locator("[data-curve=all]").click()
        expect(charts).to_have_count(9)
        page.locator("[data-curve=one]").check()
        expect(charts).to_have_count(1)
        axes = charts.locator(".gfc-axis")
        expect(axes.first).to_contain_text("left axis 0.")
        expect(axes.last).to_contain_text("right axis 0.7")
        expect(charts.locator("li").last).to_contain_text("loss")
        page.locator("[data-curve=log]").check()
        expect(axes).to_have_count(1)


def test_log_is_two_strokes_of_a_thumb_away(visiting: Visiting) -> None:
    with visiting.by(ENGINEER, Mode(language="en", width=390)) as visit:
        visit.go(GOOD)
        with visit.within(2):
            visit.page.locator(".gfr-jump a[href='#log']").click()
            expect(visit.page.locator("#log-stdout [data-role=lines]")).to_be_in_viewport()


def test_middle_of_a_long_log_has_whole_lines_with_their_numbers(
    visiting: Visiting, world: World
) -> None:
    write_long_log(world)
    with visiting.by(ENGINEER, ENGLISH) as visit:
        visit.go(f"{RUNS}/run/{LONG_RUN}/change/")
        page = visit.page
        page.locator("[data-role=place]").fill("50%")
        page.locator("[data-role=place]").press("Enter")
        blocks = page.locator("#log-stdout .block")
        expect(blocks).to_have_count(1)
        page.locator("#log-stdout [data-role=later]").click()
        expect(blocks).to_have_count(2)
        page.locator("#log-stdout [data-role=earlier]").click()
        expect(blocks).to_have_count(3)
        shown = page.locator("#log-stdout .l").evaluate_all(
            "lines => lines.map((line) => [Number(line.dataset.n), line.textContent])"
        )
        first = shown[0][0]
        assert shown == [[first + at, text_of(first + at)] for at in range(len(shown))]


def text_of(number: int) -> str:
    return f"line {number} 안전모 {'=' * 60}"


def write_long_log(world: World) -> None:
    database = sqlite3.connect(world.home / "portal.sqlite3")
    with contextlib.closing(database):
        [(uuid,)] = database.execute("SELECT uuid FROM runs_app_run WHERE id = ?", [LONG_RUN])
    lines = (f"{text_of(number)}\n" for number in range(1, 40_000))
    folder = next((world.home / "runs").glob(f"{uuid[:8]}*"))
    (folder / "stdout.log").write_text("".join(lines), encoding="utf-8")
