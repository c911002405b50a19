"""What `doctor` says of values that are not confirmed."""

from __future__ import annotations

import pytest

from portal.doctor.line import Level
from portal.doctor.upgrade import confirmed_values
from portal.models import UpgradeNotice
from tests.factories import make_experiment

pytestmark = pytest.mark.django_db


def test_all_is_well_where_all_is_confirmed() -> None:
    make_experiment(completeness=85, confirmed=85)
    (line,) = confirmed_values()
    assert (line.level, line.text) == (Level.OK, "All values are confirmed")


def test_what_waits_is_counted_and_is_no_fault() -> None:
    make_experiment(completeness=85, confirmed=0)
    (line,) = confirmed_values()
    assert line.level == Level.OK
    assert "1 experiments have values" in line.text


def test_after_an_upgrade_it_names_what_fell_until_that_was_read() -> None:
    names = [f"bct-{number:02}" for number in range(12)]
    for name in names:
        make_experiment(name, completeness=100, confirmed=0)
    notice = UpgradeNotice.objects.create(
        kind=UpgradeNotice.GUESSES, detail={"waiting": 12, "fell": 12, "names": names}
    )
    (line,) = confirmed_values()
    assert line.level == Level.WARN
    assert "12 are back at stage 1" in line.text
    assert "bct-09 and 2 more" in line.text
    assert "Review" in line.fix
    notice.closed_at = notice.at
    notice.save()
    (line,) = confirmed_values()
    assert line.level == Level.OK
