"""Minsu requests the promotion of a model and Jiho approves it, in Korean, on the pages.

The last of these files: it changes what the others look at.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.serving import World
from tests.browser.test_accessibility import ALL_MODES, problems
from tests.browser.visiting import Mode, Visit, Visiting
from tests.browser.world import tree
from tests.browser.world.people import COLLEAGUE, ENGINEER

pytestmark = pytest.mark.browser
PROMOTIONS = "/admin/runs_app/promotion/"
MIGRATION = "/admin/registry_app/experiment/migration/"
# Pictures are kept here, if it is set.
PICTURES = os.environ.get("PICTURES", "")


@pytest.fixture(scope="module")
def fires(world: World) -> int:
    """The number of an experiment that only lacks the promotion."""
    world.call("-m", "tests.browser.world.promotion")
    return world.number("registry_app_experiment", name=tree.FIRE.name)


def test_one_requests_and_another_approves(visiting: Visiting, fires: int) -> None:
    experiment = f"/admin/registry_app/experiment/{fires}/"
    with visiting.by(ENGINEER) as minsu:
        minsu.go(experiment)
        expect(minsu.page.locator(".gfd-ladder [aria-current=step]")).to_contain_text("4")
        minsu.follow(minsu.page.get_by_role("link", name="모델 승격하기"))
        expect(minsu.page.locator("[name=file]").first).to_be_checked()
        minsu.page.locator("[name=reason]").fill("야간에도 연기를 찾습니다")
        minsu.follow(minsu.page.get_by_role("button", name="승격 요청"))
        expect(minsu.page.get_by_text("요청했습니다. 다른 사람이 승인합니다.")).to_be_visible()
        expect(minsu.page.get_by_role("button", name="승인", exact=True)).to_have_count(0)
        promotion = minsu.page.url

    with visiting.by(COLLEAGUE) as jiho:
        jiho.go(f"/admin/runs_app/run/parity/{fires}/")
        table = jiho.page.get_by_role("region", name="비교한 지표")
        expect(table.get_by_role("row")).to_have_count(3)
        expect(table.get_by_role("row", name="metrics/mAP50(B)")).to_contain_text("0.861")
        jiho.go(MIGRATION)
        row = jiho.page.get_by_role("row", name=tree.FIRE.name)
        expect(row).to_contain_text("승격 승인하기")
        jiho.follow(row.get_by_role("link", name="승격 승인하기"))
        assert jiho.page.url == promotion
        jiho.page.locator("[name=classes]").check()
        jiho.follow(jiho.page.get_by_role("button", name="승인", exact=True))
        expect(jiho.page.get_by_text("승인했습니다. 워커가 수행합니다.")).to_be_visible()
        expect(jiho.page.locator(".gfd-facts")).to_contain_text("jiho")


@pytest.mark.parametrize("mode", ALL_MODES, ids=str)
def test_the_pages_of_a_promotion_can_be_read(
    visiting: Visiting, world: World, fires: int, mode: Mode
) -> None:
    pages = {
        "stages": f"/admin/registry_app/experiment/{fires}/",
        "parity": f"/admin/runs_app/run/parity/{fires}/",
        "promotion": f"{PROMOTIONS}{world.number('runs_app_promotion')}/",
        "migration": MIGRATION,
    }
    with visiting.by(COLLEAGUE, mode) as visit:
        found = {name: looked_at(visit, name, address, mode) for name, address in pages.items()}
    assert {name: lines for name, lines in found.items() if lines} == {}


def looked_at(visit: Visit, name: str, address: str, mode: Mode) -> list[str]:
    visit.go(address)
    if PICTURES:
        picture = Path(PICTURES, f"{name}-{mode}.png")
        visit.page.screenshot(path=picture, full_page=True)
    return problems(visit)
