"""What failed this week, by cause."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from runs_app.choices import RunStatus
from runs_app.models import Run
from runs_app.overview.failures import CAUSES, failures_of_week, label_of
from runs_app.texts import causes
from tests.factories import make_experiment, make_run


def test_every_cause_of_a_failure_has_a_short_name() -> None:
    known = {
        item.code for name, item in vars(causes).items() if name.isupper() and hasattr(item, "code")
    } - causes.DOUBTS
    assert known
    assert known == set(CAUSES)
    assert label_of("") == "cause not known"


@pytest.mark.django_db
def test_failures_are_counted_by_cause_and_the_week_before_apart() -> None:
    bct, now = make_experiment(), timezone.now()

    def fail(days: float, code: str = "", status: RunStatus = RunStatus.FAILED) -> Run:
        cause = {"code": code, "values": {}, "line": ""} if code else {}
        moment = now - timedelta(days=days)
        return make_run(bct, status, cause=cause, started_at=moment, finished_at=moment)

    for days in (0.5, 6.9):
        fail(days, "cuda_out_of_memory")
    fail(1, "nan")
    fail(2, status=RunStatus.LOST)
    fail(3, status=RunStatus.CANCELLED)
    fail(3, status=RunStatus.SUCCEEDED)
    fail(8, "nan")
    fail(20, "nan")
    found = failures_of_week()
    assert [(item.label, item.count) for item in found.causes] == [
        ("GPU memory", 2),
        ("NaN", 1),
        ("cause not known", 1),
    ]
    assert (found.count, found.before) == (4, 1)
