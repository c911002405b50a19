"""A page that follows something, or says what runs, tells its reader when it is not current."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.serving import World
from tests.browser.visiting import Mode, Visit, Visiting
from tests.browser.world import tree
from tests.browser.world.people import ADMINISTRATOR, ENGINEER, PASSWORD

pytestmark = pytest.mark.browser

# What is promised, and one poll.
NOTICE_MS = 10_000 + 4_000
ENGLISH = Mode(language="en")
NARROW = Mode(language="en", width=390)
LOGGED_OUT = "You were logged out. Log in here; nothing on this page is lost."
AWAY = "The portal does not respond. This page asks again by itself."


@pytest.fixture(scope="module")
def waiting_run(world: World) -> Iterator[int]:
    """A run that waits as long as its pages are looked at: the only host takes none."""
    world.portal("drain")
    run = int(world.portal("run_experiment", tree.FALL.name, "--type", "train", "--queue"))
    yield run
    world.portal("cancel_run", str(run))
    world.portal("drain", "--off")


@pytest.fixture
def addresses(world: World, waiting_run: int) -> dict[str, str]:
    """All pages that follow something, or say what runs, or take text for long."""
    experiment = world.number("registry_app_experiment", name=tree.HELMET.name)
    runs = "/admin/runs_app/run"
    return {
        "home": "/admin/",
        "experiment": f"/admin/registry_app/experiment/{experiment}/",
        "runs": f"{runs}/",
        "run": f"{runs}/{waiting_run}/change/",
        "form": f"{runs}/new/?experiment={experiment}&type=train",
    }


def log_out(world: World, browser: BrowserContext) -> contextlib.AbstractContextManager[None]:
    browser.clear_cookies()
    return contextlib.nullcontext()


def away(world: World, browser: BrowserContext) -> contextlib.AbstractContextManager[None]:
    return world.away()


def hanging(world: World, browser: BrowserContext) -> contextlib.AbstractContextManager[None]:
    return world.hanging()


@pytest.mark.parametrize(
    ("happens", "reason"), [(log_out, LOGGED_OUT), (away, AWAY), (hanging, AWAY)]
)
def test_every_page_says_since_when_and_why_it_is_not_current(
    visiting: Visiting,
    world: World,
    addresses: dict[str, str],
    happens: Callable[[World, BrowserContext], contextlib.AbstractContextManager[None]],
    reason: str,
) -> None:
    with visiting.by(ADMINISTRATOR, ENGLISH) as visit:
        browser = visit.page.context
        pages = {name: opened(visit, address) for name, address in addresses.items()}
        with happens(world, browser):
            # What is typed is sent, and waits for an answer of its own.
            note_of(pages["form"]).press_sequentially("night")
            for page in pages.values():
                notice = page.locator("#gf-stale")
                expect(notice).to_contain_text("Not current since 20", timeout=NOTICE_MS)
                expect(notice.get_by_text(reason)).to_be_visible()
                assert page.title().startswith("Not current · ")
        visit.errors.clear()  # the browser's own lines about requests that were refused


def test_who_was_logged_out_logs_in_again_in_place(
    visiting: Visiting, addresses: dict[str, str]
) -> None:
    with visiting.by(ENGINEER, ENGLISH) as visit:
        form, home = opened(visit, addresses["form"]), opened(visit, addresses["home"])
        note_of(form).fill("밤에 다시")
        visit.page.context.clear_cookies()
        notice = form.locator("#gf-stale")
        expect(notice.get_by_text(LOGGED_OUT)).to_be_visible()
        notice.get_by_label("Password").fill(PASSWORD)
        notice.get_by_role("button", name="Log in again").click()
        expect(notice).to_be_hidden()
        assert form.title().startswith("New run")
        expect(note_of(form)).to_have_value("밤에 다시")
        expect(home.locator("#gf-stale")).to_be_hidden()
        with form.expect_response("**/preview/") as told:
            note_of(form).press_sequentially("!")
        assert told.value.ok
        visit.errors.clear()


def test_rows_out_of_sight_are_followed_where_nothing_else_is_asked(
    visiting: Visiting, waiting_run: int
) -> None:
    """A page that asked nothing would say that the portal does not respond."""
    with visiting.by(ENGINEER, NARROW) as visit:
        visit.go("/admin/runs_app/run/?sort=id")
        row = visit.page.locator(f"tr[data-run='{waiting_run}']")
        expect(row).to_have_attribute("data-active", "")
        expect(row).not_to_be_in_viewport()
        for _poll in range(2):
            with visit.page.expect_response(f"**/rows/*id={waiting_run}*") as told:
                pass
            assert told.value.ok


def opened(visit: Visit, address: str) -> Page:
    page = visit.page.context.new_page()
    page.goto(visit.base + address)
    return page


def note_of(form: Page) -> Locator:
    return form.get_by_label("Note", exact=True)
