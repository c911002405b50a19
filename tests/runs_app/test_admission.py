"""Who starts next, and what the others are told."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from runs_app import admission, launch
from runs_app.choices import RunStatus, StatusReason
from runs_app.models import Run
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db
HOST = "gpu1"


@pytest.fixture(autouse=True)
def two_slots(settings: Settings) -> None:
    settings.GUARDIANFLOW_HOST = HOST
    settings.GUARDIANFLOW_SLOTS = 2


def reasons() -> list[tuple[str, dict[str, object]]]:
    queued = Run.objects.filter(status=RunStatus.QUEUED).order_by("pk")
    return list(queued.values_list("reason_code", "reason_values"))


def test_the_next_is_the_first_whose_directory_is_free() -> None:
    busy, free = make_experiment("busy"), make_experiment("free")
    make_run(busy, RunStatus.RUNNING, host=HOST)
    make_run(busy)
    second, third = make_run(free), make_run(free)
    assert admission.next_ready(but=[]) == second.pk
    assert admission.next_ready(but=[second.pk]) == third.pk
    urgent = make_run(free, priority=1)
    assert admission.next_ready(but=[]) == urgent.pk


def test_a_run_that_may_overlap_does_not_wait_for_its_directory() -> None:
    busy = make_experiment("busy")
    make_run(busy, RunStatus.RUNNING, host=HOST)
    overlapping = make_run(busy, overlap=True)
    assert admission.next_ready(but=[]) == overlapping.pk


def test_a_run_of_a_terminal_is_nobody_elses_to_start() -> None:
    make_run(make_experiment(), foreground=True)
    assert admission.next_ready(but=[]) is None


def test_every_waiting_run_says_what_it_waits_for() -> None:
    busy, other = make_experiment("busy"), make_experiment("other")
    blocker = make_run(busy, RunStatus.RUNNING, host=HOST)
    make_run(other, RunStatus.FINALIZING, host=HOST, overlap=True)
    make_run(busy)
    make_run(make_experiment("third"))
    assert launch.start_next(HOST) == []
    assert reasons() == [
        (StatusReason.WAITS_FOR_RUN, {"run": blocker.pk}),
        (StatusReason.WAITS_FOR_SLOT, {"host": HOST}),
    ]


def test_a_look_at_a_long_queue_costs_what_a_short_one_does(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    busy = make_experiment("busy")
    make_run(busy, RunStatus.RUNNING, host=HOST)
    make_run(make_experiment("other"), RunStatus.RUNNING, host=HOST)
    waiting = [make_experiment(f"e{number}") for number in range(5)]
    for _round in range(20):
        for experiment in (busy, *waiting):
            make_run(experiment)
    with django_assert_max_num_queries(7):
        assert launch.start_next(HOST) == []
    assert {code for code, _values in reasons()} == {
        StatusReason.WAITS_FOR_RUN,
        StatusReason.WAITS_FOR_SLOT,
    }
