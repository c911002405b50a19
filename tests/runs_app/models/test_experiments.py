"""What a list of experiments says of runs."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from registry_app.models import Experiment
from runs_app.choices import RunStatus
from runs_app.models.experiments import with_run_facts
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db


def facts(name: str = "sampyo-gimhae-bct") -> Any:
    return with_run_facts(Experiment.objects.all()).get(name=name)


@pytest.mark.parametrize(
    ("held", "confirmed", "status", "stage", "proved"),
    [
        (None, 0, None, 1, 1),
        (None, 85, RunStatus.SUCCEEDED, 1, 1),
        (None, 100, None, 2, 2),
        (None, 100, RunStatus.FAILED, 2, 2),
        (None, 100, RunStatus.SUCCEEDED, 3, 3),
        (5, 0, None, 1, 1),
        (5, 100, RunStatus.SUCCEEDED, 3, 3),
        (1, 100, RunStatus.SUCCEEDED, 1, 3),
        (2, 100, RunStatus.SUCCEEDED, 2, 3),
    ],
)
def test_the_stage_is_the_lower_one_of_held_and_proved(
    held: int | None, confirmed: int, status: RunStatus | None, stage: int, proved: int
) -> None:
    bct = make_experiment(stage_held=held, completeness=100, confirmed=confirmed)
    if status:
        make_run(bct, status)
    assert (facts().stage, facts().proved_stage) == (stage, proved)
    assert Experiment.objects.get().stage_held == held


def test_the_last_run_is_the_one_queued_last() -> None:
    bct = make_experiment()
    make_run(bct, RunStatus.SUCCEEDED)
    last = make_run(bct, RunStatus.QUEUED, type="infer")
    make_run(make_experiment("donghwa-entec-ppe"), RunStatus.FAILED)
    found = facts()
    assert (found.last_run_id, found.last_run_type, found.last_run_status) == (
        last.pk,
        "infer",
        "queued",
    )


def test_without_runs_there_is_no_last_one() -> None:
    make_experiment()
    assert facts().last_run_id is None


def test_a_list_costs_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(5):
        make_run(make_experiment(f"line-{number}"), RunStatus.SUCCEEDED)
    with django_assert_num_queries(1):
        assert len(with_run_facts(Experiment.objects.all())) == 5
