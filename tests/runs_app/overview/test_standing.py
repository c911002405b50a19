"""How an experiment does, and that many experiments cost as many queries as one."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry_app.models import Experiment
from runs_app.choices import RunStatus
from runs_app.models import Run
from runs_app.overview.run_ids import with_run_ids
from runs_app.overview.standing import Health, Standing, standing_of, standings
from tests.factories import make_experiment, make_run
from tests.runs_app.overview.facts import bad, good, run, standing

GOOD, BAD = run(days=3), bad(days=2)
RUNNING = run(RunStatus.RUNNING)
QUEUED = run(RunStatus.QUEUED, days=40)


@pytest.mark.parametrize(
    ("item", "health"),
    [
        (standing(), Health.NEVER),
        (standing(last=BAD), Health.FAILING),
        (good(days=1), Health.GOOD),
        (good(days=91), Health.OLD),
        (good(days=91, last=BAD), Health.FAILING),
        (good(days=91, last=BAD, active=(RUNNING,)), Health.BUSY),
        (good(active=(QUEUED,)), Health.GOOD),
    ],
)
def test_the_state_that_needs_a_look_most_counts(item: Standing, health: Health) -> None:
    assert item.health is health


@pytest.mark.parametrize(
    ("item", "is_still"),
    [
        (standing(), True),
        (standing(created_at=GOOD.queued_at), False),
        (standing(newest=run(days=29)), False),
        (standing(newest=run(days=31)), True),
        (standing(newest=QUEUED), False),
    ],
)
def test_an_experiment_stands_still_if_nothing_was_queued_for_30_days(
    item: Standing, is_still: bool
) -> None:
    assert item.is_still is is_still


def measured(bct: Experiment, kind: str, value: float | None, **fields: object) -> Run:
    name = "mAP50" if value is not None else ""
    return make_run(
        bct,
        RunStatus.SUCCEEDED,
        type=kind,
        main_metric=name,
        main_value=value,
        is_best=value is not None,
        **fields,
    )


@pytest.mark.django_db
def test_many_experiments_are_represented_by_the_same_runs_as_each_alone() -> None:
    groups = [(data, classes) for data in ("day", "night") for classes in ("helmet", "vest")]
    for number in range(8):
        bct = make_experiment(f"bct-{number}")
        for place, (data, classes) in enumerate(groups):
            for kind in ("train", "eval")[: 1 + number % 2]:
                measured(bct, kind, 0.5 + place / 10, data_key=data, classes_key=classes)
        data, classes = groups[number % 4]  # the last good run is of a group, and not its best
        last = measured(bct, "train", 0.4, data_key=data, classes_key=classes)
        Run.objects.filter(pk=last.pk).update(is_best=False)
        if number == 7:
            measured(bct, "eval", None, data_key=data)
    rows = with_run_ids(Experiment.objects.select_related("zone__site__customer"))
    alone = {row.pk: standing_of(row) for row in rows}
    together = {item.pk: item for item in standings(Experiment.objects.all())}
    assert len(together) == 8
    assert together == alone
    shown = [item.best.data_key for item in together.values() if item.best]
    assert set(shown) == {"day", "night"}


@pytest.mark.django_db
def test_an_evaluation_speaks_before_a_training_and_a_run_without_a_metric_not_at_all() -> None:
    bct = make_experiment()
    measured(bct, "train", 0.95)
    evaluated = measured(bct, "eval", 0.91)
    measured(bct, "quant", None)
    measured(bct, "data", None)
    item = standings(Experiment.objects.all())[0]
    assert item.best is not None
    assert item.best.pk == evaluated.pk
    assert item.good is not None
    assert item.good.type == "quant", "preparing data makes no model"


@pytest.mark.django_db
def test_the_best_is_that_of_the_data_which_the_last_good_run_had() -> None:
    bct = make_experiment()
    measured(bct, "train", 0.99, data_key="old.yaml@0000000000000000")
    now = measured(bct, "train", 0.90, data_key="new.yaml@1111111111111111")
    make_run(bct, RunStatus.FAILED)
    item = standing_of(
        with_run_ids(Experiment.objects.select_related("zone__site__customer")).get()
    )
    assert item.best is not None
    assert item.best.pk == now.pk
    assert item.is_failing
    assert (item.customer_name, item.site_name) == ("sampyo", "gimhae · plant1")


@pytest.mark.django_db
def test_a_hundred_experiments_cost_the_queries_of_one() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            found = standings(Experiment.objects.all())
        assert all(item.good and item.best and item.active and item.is_failing for item in found)
        return len(captured)

    def fill(number: int) -> None:
        bct = make_experiment(f"sampyo-{number}")
        measured(bct, "train", 0.9)
        make_run(bct, RunStatus.FAILED)
        make_run(bct, RunStatus.QUEUED)

    fill(0)
    assert queries() == 3
    for number in range(1, 10):
        fill(number)
    assert queries() == 3
