"""Cron lines, in the portal's time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from runs_app.exceptions import RefusedError
from runs_app.schedules import times

SEOUL, BERLIN = ZoneInfo("Asia/Seoul"), ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    "line", ["30 2 * * 1-5", "*/15 * * * *", "0 0 29 2 *", "0 6 * mar,oct thu-fri"]
)
def test_cron_lines_are_taken(line: str) -> None:
    assert times.checked(f"  {line.replace(' ', '   ')} ") == line


@pytest.mark.parametrize(
    "line",
    ["", "daily", "@daily", "61 * * * *", "* * * *", "* * * * * *", "0 6 * * mondays"],
)
def test_others_are_refused(line: str) -> None:
    with pytest.raises(RefusedError, match="is no cron line"):
        times.checked(line)


@pytest.mark.parametrize(
    "line",
    [
        "R 1 * * *",
        "0 R * * *",
        "0 r * * *",
        "0 1,r * * *",
        "0 R(1-5) * * *",
        "0 0 * * R/2",
        "H * * * *",
        "0 h * * *",
        "0 0 * H *",
    ],
)
def test_a_time_left_to_chance_is_refused(line: str) -> None:
    with pytest.raises(RefusedError, match="leaves a time to chance"):
        times.checked(line)


def test_a_day_that_never_comes_is_refused() -> None:
    with pytest.raises(RefusedError, match="there is no such day"):
        times.checked("0 0 30 2 *")


def test_times_are_of_the_portals_time_zone() -> None:
    with timezone.override(SEOUL):
        found = times.next_times("30 2 * * *", datetime(2026, 11, 29, 20, tzinfo=UTC), count=2)
    assert [time.isoformat() for time in found] == [
        "2026-12-01T02:30:00+09:00",
        "2026-12-02T02:30:00+09:00",
    ]


def test_a_clock_that_springs_forward_skips_no_day() -> None:
    with timezone.override(BERLIN):
        found = times.next_times("30 2 * * *", datetime(2026, 3, 28, 12, tzinfo=UTC), count=2)
    assert [time.date().isoformat() for time in found] == ["2026-03-29", "2026-03-30"]


def test_the_latest_time_may_be_now() -> None:
    noon = datetime(2026, 11, 29, 12, tzinfo=UTC)
    with timezone.override(UTC):
        assert times.latest_time("0 * * * *", noon) == noon
        before = times.latest_time("0 * * * *", noon.replace(hour=11, minute=59, second=59))
        assert before == noon.replace(hour=11)
        assert times.count_times("0 * * * *", noon, noon.replace(hour=15)) == 4
