"""Rows become documents, in a number of queries that does not grow with them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry_app.fields.rows import digest_of_rows, document_from_rows
from registry_app.models import Customer, Experiment
from tests.factories import make_entry_point, make_experiment, make_run, make_script, make_zone

pytestmark = pytest.mark.django_db


def fill(count: int) -> None:
    for number in range(count):
        experiment = make_experiment(f"e{number}", zone=make_zone(customer=f"c{number}"))
        make_entry_point(experiment)


@pytest.mark.parametrize("read", [document_from_rows, digest_of_rows])
def test_more_experiments_need_no_more_queries(read: Callable[[], object]) -> None:
    fill(2)
    with CaptureQueriesContext(connection) as few:
        read()
    Experiment.objects.all().delete()
    fill(20)
    with CaptureQueriesContext(connection) as many:
        read()
    assert len(many) == len(few)


def test_all_rows_are_listed_by_name() -> None:
    make_experiment("b")
    make_experiment("a", zone=None)
    Customer.objects.update(display_name="삼표")
    document = document_from_rows()
    assert [item.name for item in document.experiments] == ["a", "b"]
    assert document.experiments[0].site.customer is None
    assert [customer.display_name for customer in document.customers] == ["삼표"]


def test_some_rows_are_reported_alone() -> None:
    make_experiment("a")
    make_experiment("b")
    document = document_from_rows(Experiment.objects.filter(name="b"))
    assert [item.name for item in document.experiments] == ["b"]


def test_the_digest_follows_everything_that_a_plan_compares() -> None:
    experiment = make_experiment()
    seen = {digest_of_rows()}
    experiment.owner = "지우"
    experiment.save()
    seen.add(digest_of_rows())
    entry_point = make_entry_point(experiment)
    seen.add(digest_of_rows())
    entry_point.overlap = False
    entry_point.save()
    seen.add(digest_of_rows())
    Customer.objects.update(display_name="삼표")
    seen.add(digest_of_rows())
    experiment.zone = make_zone(name="yard")
    experiment.save()
    seen.add(digest_of_rows())
    assert len(seen) == 6


def test_runs_and_scripts_do_not_change_the_digest() -> None:
    experiment = make_experiment()
    before = digest_of_rows()
    make_run(experiment)
    make_script(experiment)
    Experiment.objects.update(completeness=50)
    assert digest_of_rows() == before
