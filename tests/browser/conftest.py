"""One world and one browser for all stories."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.serving import World

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.visiting import Visiting

# `make browser` installs Playwright; without it there is nothing to collect.
collect_ignore_glob = [] if importlib.util.find_spec("playwright") else ["test_*.py"]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("world"), empty_database)
    world.build()
    with world.served():
        yield world


@pytest.fixture(scope="session")
def chromium(empty_database: Path) -> Iterator[Browser]:
    """Begin after the database, because Django makes none beside Playwright's event loop."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Chromium's sandbox does not work for root; the pages are our own.
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(
            executable_path=os.environ["CHROMIUM"], args=[*sandbox, "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def visiting(chromium: Browser, world: World) -> Visiting:
    from tests.browser.visiting import Visiting

    return Visiting(chromium, world.address)
