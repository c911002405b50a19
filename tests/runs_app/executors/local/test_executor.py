"""What scripts inherit from the process that starts them."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from runs_app.executors.local.executor import LocalExecutor


@pytest.mark.parametrize(("before", "seen"), [("", None), ("Asia/Tokyo", "Asia/Tokyo")])
def test_scripts_do_not_inherit_the_time_zone_that_django_sets(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, before: str, seen: str | None
) -> None:
    monkeypatch.setenv("TZ", "Asia/Seoul")
    settings.GUARDIANFLOW_SCRIPT_TZ = before
    assert LocalExecutor().environment().get("TZ") == seen
