"""When a running script is expected to end, from what it printed or from earlier runs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from runs_app.choices import RunStatus
from runs_app.models import Run
from runs_app.views.page.time_left import TimeLeft, time_left, usual_seconds
from tests.factories import make_experiment, make_run
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db


def running(output: str = "", *, minutes: float = 30) -> Run:
    began = timezone.now() - timedelta(minutes=minutes)
    run = make_run(make_experiment(), RunStatus.RUNNING, started_at=began)
    run.folder.mkdir(parents=True)
    (run.folder / "stdout.log").write_text(output, encoding="utf-8")
    return run


def said(found: TimeLeft | None) -> tuple[int | None, str]:
    assert found is not None
    return found.percent, found.text.partition(", until")[0]


def test_epochs_say_how_much_is_left(home: Home) -> None:
    assert said(time_left(running("Epoch 30/40 loss 0.5\n"), None)) == (
        75,
        "30/40 · about 10 m left",
    )


def test_earlier_runs_say_it_where_the_script_does_not(home: Home) -> None:
    assert said(time_left(running("loading\n"), 45 * 60)) == (None, "about 15 m left")


def test_part_of_a_run_says_nothing_of_its_end(home: Home) -> None:
    bar = "loading:  40%|████ | 4/10 [00:04<00:06]"
    assert said(time_left(running(bar), None)) == (None, "4/10")


def test_longer_than_usual_is_no_promise(home: Home) -> None:
    assert time_left(running(minutes=50), 45 * 60) is None


def test_run_that_does_not_run_has_no_time_left(home: Home) -> None:
    assert time_left(make_run(make_experiment(), RunStatus.QUEUED), 60) is None
    assert time_left(make_run(make_experiment("other"), RunStatus.SUCCEEDED), 60) is None


def test_usual_duration_is_the_median_of_those_that_are_known() -> None:
    runs = [Run(duration_s=seconds) for seconds in (10, 30, None, 1000)]
    assert usual_seconds(runs) == 30
    assert usual_seconds([Run()]) is None
