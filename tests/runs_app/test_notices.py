"""What people should know of a run beside its state."""

from __future__ import annotations

import pytest
from django.utils import translation

from runs_app import notices
from runs_app.choices import Notice
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db


def test_a_notice_is_noted_once_and_renewed_where_its_values_changed() -> None:
    run = make_run(make_experiment(), warnings=["train.py matches none of the patterns."])
    assert notices.add(run.pk, Notice.LOG_LARGE, mib=1024)
    assert not notices.add(run.pk, Notice.LOG_LARGE, mib=1024)
    assert notices.add(run.pk, Notice.LOG_LARGE, mib=2048)
    assert notices.add(run.pk, Notice.STRAGGLERS_ENDED, count=3)
    run.refresh_from_db()
    assert notices.warnings_of(run) == [
        "train.py matches none of the patterns.",
        "It has written more than 2048 MiB of output.",
        "Processes that it had left running were ended: 3.",
    ]


def test_a_notice_is_told_in_the_readers_language() -> None:
    run = make_run(make_experiment(), notices={"stragglers_ended": {"count": 3}})
    with translation.override("ko"):
        [told] = notices.warnings_of(run)
    assert "3" in told
    assert "ended" not in told


def test_a_notice_of_a_newer_version_is_shown_by_its_code() -> None:
    run = make_run(make_experiment(), notices={"disk_slow": {}, "log_large": {}})
    assert notices.warnings_of(run) == ["disk_slow", "log_large"]


def test_a_run_that_is_gone_gets_no_notice() -> None:
    assert not notices.add(1, Notice.LOG_LARGE, mib=1)
