"""How much is known, and what a project manager has still to say."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from registry_app.fields import completeness
from registry_app.models import Experiment
from tests.factories import make_entry_point, make_experiment, make_zone

pytestmark = pytest.mark.django_db


def complete(name: str = "bct", **fields: Any) -> Experiment:
    experiment = make_experiment(name, **{"classes": ["a"], **fields})
    make_entry_point(experiment)
    return experiment


def missing(experiment: Experiment) -> list[str]:
    rows = list(experiment.entry_points.all())
    return [one.field for one in completeness.missing_fields(experiment, rows)]


def percent(experiment: Experiment) -> int:
    return completeness.percent(experiment, list(experiment.entry_points.all()))


def test_with_all_seven_nothing_is_missing() -> None:
    assert missing(complete()) == []
    assert percent(complete("other")) == 100


def test_without_any_everything_is_missing() -> None:
    experiment = make_experiment(zone=None, task_type="")
    assert missing(experiment) == [
        "site.customer", "site.region", "site.plant", "site.zone",
        "task.type", "task.classes", "entry_points",
    ]  # fmt: skip
    assert percent(experiment) == 0


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("site.customer", {"zone": ("", "a", "b", "c")}),
        ("site.region", {"zone": ("x", "", "b", "c")}),
        ("site.plant", {"zone": ("x", "a", "", "c")}),
        ("site.zone", {"zone": ("x", "a", "b", "")}),
        ("task.type", {"task_type": ""}),
        ("task.classes", {"classes": []}),
    ],
)
def test_each_counts_the_same(field: str, fields: dict[str, Any]) -> None:
    if "zone" in fields:
        fields = {"zone": make_zone(*fields["zone"])}
    experiment = complete(**fields)
    assert missing(experiment) == [field]
    assert percent(experiment) == 85


def test_an_entry_point_without_a_script_does_not_count() -> None:
    experiment = make_experiment(classes=["a"])
    make_entry_point(experiment, default_script="")
    assert missing(experiment) == ["entry_points"]
    make_entry_point(experiment, "demo", "demo.py")
    assert missing(experiment) == []


def test_what_is_missing_has_a_name_in_the_reader_s_language() -> None:
    experiment = complete(classes=[])
    (one,) = completeness.missing_fields(experiment, list(experiment.entry_points.all()))
    with translation.override("en"):
        assert str(one.label) == "classes"


def test_the_stored_percentage_follows_without_history() -> None:
    experiment = complete()
    history: Any = Experiment.history
    before = history.count()
    completeness.refresh(experiment)
    assert Experiment.objects.get().completeness == 100
    assert history.count() == before


def test_only_the_named_ones_are_stored() -> None:
    complete("a")
    b = complete("b")
    completeness.refresh_many([b.pk])
    assert list(Experiment.objects.values_list("name", "completeness")) == [("a", 0), ("b", 100)]


def test_more_experiments_need_no_more_queries() -> None:
    def queries(count: int) -> int:
        pks = [complete(f"e{number}-{count}").pk for number in range(count)]
        with CaptureQueriesContext(connection) as asked:
            completeness.refresh_many(pks)
        return len(asked)

    assert queries(20) == queries(2)
