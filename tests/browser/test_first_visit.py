"""What a first visit loads."""

from __future__ import annotations

import pytest

from tests.browser.places import BEST_RUN, GOOD_RUN
from tests.browser.visiting import Visiting
from tests.browser.world.people import ENGINEER

pytestmark = pytest.mark.browser

MAX_BYTES = 400_000
RUNS = "/admin/runs_app/run/"


@pytest.mark.parametrize(
    "address",
    [
        "/admin/",
        RUNS,
        f"{RUNS}{GOOD_RUN}/change/",
        f"{RUNS}compare/?run={GOOD_RUN}&run={BEST_RUN}",
    ],
)
def test_a_first_visit_is_light_with_its_fonts(visiting: Visiting, address: str) -> None:
    """As it comes over the network: compressed, with headers, from the log-in to the page."""
    with visiting.by(None) as visit:
        network = visit.page.context.new_cdp_session(visit.page)
        network.send("Network.enable")
        loaded: list[float] = []
        network.on("Network.loadingFinished", lambda told: loaded.append(told["encodedDataLength"]))
        visit.log_in(ENGINEER)
        visit.go(address)
        visit.page.wait_for_load_state("networkidle")
    assert 50_000 < sum(loaded) <= MAX_BYTES
