"""Output without results gives no point."""

from __future__ import annotations

import pytest

from tests.registry_app.results.helpers import log_points
from tests.registry_app.results.quiet_logs import KINDS, quiet_logs


def test_there_are_two_hundred_logs() -> None:
    assert len(KINDS) > 50
    assert len({text for _name, text in quiet_logs()}) >= 200


@pytest.mark.parametrize(("name", "text"), quiet_logs(), ids=[name for name, _ in quiet_logs()])
def test_a_log_without_a_result_gives_no_point(name: str, text: str) -> None:
    assert log_points(text) == {}
