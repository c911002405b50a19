"""The runs that fulfil conditions, in an order, and the keys of the first of them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs_app.choices import RunStatus
from runs_app.models import Run, RunMetric, RunParameter
from runs_app.views.table import conditions
from runs_app.views.table.order import Order
from runs_app.views.table.selection import first_keys, selected
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db

ALL = 100
MAP, LOSS = "metrics/mAP50(B)", "val/box_loss"
ORDERS = (
    *("-id", "id", "-main", "took", "when", "started", "experiment"),
    *(f"m:{LOSS}", f"-m:{LOSS}", "p:lr0", "-p:lr0", "p:optimizer"),
)
CONDITIONS = (
    *((), (f"m:{MAP}:gte:0.5",), (f"m:{MAP}:ne:0.4",), (f"m:{MAP}:gte:2",)),
    *(("p:epochs:eq:20",), ("p:optimizer:ne:SGD", f"m:{MAP}:lt:0.7")),
)


@pytest.fixture
def runs() -> list[Run]:
    """Runs of which some lack a value or are equal, each with several numbers."""
    made = []
    for number in range(12):
        value = (number * 7 % 10) / 10
        run = make_run(
            make_experiment(f"gimhae-{number}"), main_value=None if number == 3 else value
        )
        Run.objects.filter(pk=run.pk).update(duration_s=number * 5 % 7)
        for name, best in ((MAP, value), (LOSS, None if number == 5 else number * 5 % 4)):
            RunMetric.objects.create(run=run, name=name, best=best)
        for name, given in (("epochs", 10 * (number % 3)), ("lr0", number * 3 % 8), ("seed", 50)):
            RunParameter.objects.create(run=run, name=name, text=str(given), number=given)
        if number != 7:
            text = ("AdamW", "SGD")[number % 2]
            RunParameter.objects.create(run=run, name="optimizer", text=text)
        made.append(run)
    return made


def read(texts: Sequence[str]) -> list[conditions.Condition]:
    return [found for text in texts if (found := conditions.parsed(text)) is not None]


def test_the_first_keys_are_those_of_the_selected_runs(runs: list[Run]) -> None:
    for text, asked in itertools.product(ORDERS, CONDITIONS):
        order, found = Order.read(text), read(asked)
        whole = [run.pk for run in selected(Run.objects.all(), found, order)]
        assert len(whole) == len(set(whole)), (text, asked)
        assert first_keys(Run.objects.all(), found, order, ALL) == whole, (text, asked)
        assert first_keys(Run.objects.all(), found, order, 2) == whole[:2], (text, asked)


def test_a_run_with_several_numbers_is_sorted_by_the_one_that_was_asked_for(
    runs: list[Run],
) -> None:
    expected = sorted(range(12), key=lambda number: (number * 3 % 8, number))
    found = first_keys(Run.objects.all(), (), Order.read("p:lr0"), ALL)
    assert found == [runs[number].pk for number in expected]


def test_runs_are_sorted_by_their_start_without_those_that_wait(runs: list[Run]) -> None:
    bct = make_experiment("sampyo-gimhae-bct")
    begun = [make_run(bct, RunStatus.SUCCEEDED) for _time in range(3)]
    for run, hour in zip(begun, (11, 9, 10), strict=True):
        started = datetime(2026, 11, 30, hour, tzinfo=UTC)
        Run.objects.filter(pk=run.pk).update(started_at=started)
    expected = [begun[number].pk for number in (0, 2, 1)]
    assert first_keys(Run.objects.all(), (), Order.read("-started"), ALL) == expected
    assert first_keys(Run.objects.all(), (), Order.read("started"), 2) == expected[:0:-1]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite is told which index to use")
@pytest.mark.parametrize("text", [f"-m:{LOSS}", "p:lr0", "-main", "took"])
def test_a_condition_does_not_make_sqlite_sort_all_runs(text: str, runs: list[Run]) -> None:
    with CaptureQueriesContext(connection) as asked:
        first_keys(Run.objects.all(), read([f"m:{MAP}:gte:0.5"]), Order.read(text), 51)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked.captured_queries[-1]['sql']}")
        plan = [row[3] for row in cursor.fetchall()]
    assert not [step for step in plan if "TEMP B-TREE" in step], plan
