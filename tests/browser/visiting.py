"""A person at the portal, in a real browser: counts clicks, and keeps what must not happen."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    expect,
)

from tests.browser.world.people import PASSWORD, Person

# Longer than a busy machine needs: a wait that goes well ends at once.
LIMIT_MS = 60_000
LOCALES = {"ko": "ko-KR", "en": "en-US"}
COUNT_CLICKS = """
addEventListener("click", (event) => event.isTrusted && window.reportClick(), { capture: true });
"""

expect.set_options(timeout=LIMIT_MS)


@dataclass(frozen=True, kw_only=True)
class Mode:
    """How pages are looked at; `width` in pixels."""

    language: str = "ko"
    colours: str = "light"
    width: int = 1280

    @property
    def height(self) -> int:
        return 844 if self.width < 500 else 900

    def __str__(self) -> str:
        return f"{self.language}-{self.colours}-{self.width}"


USUAL = Mode()


@dataclass
class Visit:
    """One person's browser; `clicks` since the last `count`."""

    page: Page
    base: str
    clicks: int = 0
    errors: list[str] = field(default_factory=list)
    other_hosts: list[str] = field(default_factory=list)

    def go(self, address: str) -> None:
        """Open an address of the portal."""
        answer = self.page.goto(urljoin(self.base, address))
        assert answer is not None
        assert answer.status < 400, f"{answer.status} {address}"

    def log_in(self, person: Person) -> None:
        self.go("/admin/login/?next=/admin/")
        self.page.locator("[name=username]").fill(person.username)
        self.page.locator("[name=password]").fill(PASSWORD)
        self.page.locator("#login-form [type=submit]").click()
        self.page.wait_for_url("**/admin/")

    @contextlib.contextmanager
    def within(self, clicks: int) -> Iterator[None]:
        """Fail if what is done takes more clicks of mouse or keyboard than this."""
        before = self.clicks
        yield
        assert self.clicks - before <= clicks, f"{self.clicks - before} clicks instead of {clicks}"

    def follow(self, link: Locator) -> None:
        """Click what leads to another page, and wait for that."""
        with self.page.expect_navigation():
            link.click()

    def watch(self) -> None:
        self.page.expose_function("reportClick", self._count)
        self.page.add_init_script(COUNT_CLICKS)
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._look)

    def _count(self) -> None:
        self.clicks += 1

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} at {message.location}")

    def _look(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws"} and parts.netloc != urlsplit(self.base).netloc:
            self.other_hosts.append(request.url)


@dataclass(frozen=True)
class Visiting:
    """Lets people look at the portal: `with visiting.by(ENGINEER) as visit:`."""

    chromium: Browser
    base: str

    @contextlib.contextmanager
    def by(self, person: Person | None, mode: Mode = USUAL) -> Iterator[Visit]:
        """Begin with an empty cache; at the end no script has failed, no other host was asked."""
        context = _context(self.chromium, mode)
        try:
            visit = Visit(page=context.new_page(), base=self.base)
            visit.watch()
            if person is not None:
                visit.log_in(person)
            yield visit
            assert visit.errors == []
            assert visit.other_hosts == []
        finally:
            context.close()


def _context(chromium: Browser, mode: Mode) -> BrowserContext:
    context = chromium.new_context(
        locale=LOCALES[mode.language],
        timezone_id="Asia/Seoul",
        color_scheme=mode.colours,
        viewport={"width": mode.width, "height": mode.height},
        has_touch=mode.width < 500,
        reduced_motion="reduce",
    )
    context.set_default_timeout(LIMIT_MS)
    return context
