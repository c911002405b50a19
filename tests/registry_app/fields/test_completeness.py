"""How much is known, and what a project manager has yet to fill in."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from portal.models import UpgradeNotice
from registry_app.choices import FieldSource
from registry_app.fields import completeness
from registry_app.fields.provenance import record
from registry_app.models import Experiment
from tests.earlier_schema import go_back_to
from tests.factories import make_entry_point, make_experiment, make_zone

pytestmark = pytest.mark.django_db
BEFORE = ("registry_app", "0015_add_working_directory_and_environment")


def complete(name: str = "bct", **fields: Any) -> Experiment:
    experiment = make_experiment(name, **{"classes": ["a"], **fields})
    make_entry_point(experiment)
    return experiment


def missing(experiment: Experiment) -> list[str]:
    rows = list(experiment.entry_points.all())
    return [item.field for item in completeness.missing_fields(experiment, rows)]


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
    (item,) = completeness.missing_fields(experiment, list(experiment.entry_points.all()))
    with translation.override("en"):
        assert str(item.label) == "classes"


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


def facts(experiment: Experiment) -> tuple[int, list[str]]:
    """The stored percentage of facts, and what is only guessed."""
    completeness.refresh(experiment)
    rows = list(experiment.entry_points.all())
    scanned = {
        row.field for row in experiment.provenance.all() if row.source == FieldSource.SCANNED
    }
    guessed = completeness.unconfirmed_fields(experiment, rows, scanned)
    experiment.refresh_from_db()
    return experiment.confirmed, [item.field for item in guessed]


ALL = ["site.customer", "site.region", "site.plant", "site.zone", "task.type", "task.classes"]


@pytest.mark.parametrize(
    ("scanned", "curated", "imported", "percent_", "guessed"),
    [
        ([], [], [], 100, []),  # what no scan said is no guess
        ([*ALL, "entry_points.train.default"], [], [], 0, [*ALL, "entry_points"]),
        (ALL, [], [], 14, ALL),
        (ALL[1:], ALL[:1], [], 28, ALL[1:]),
        (ALL[2:], ALL[:1], ALL[1:2], 42, ALL[2:]),
        (["entry_points.train.default"], ALL, [], 85, ["entry_points"]),
        (["owner", "notes", "entry_points.train.patterns"], [], [], 100, []),
        ([], ALL, ["entry_points.train.default"], 100, []),
    ],
)
def test_a_guess_is_known_and_no_fact(
    scanned: list[str],
    curated: list[str],
    imported: list[str],
    percent_: int,
    guessed: list[str],
) -> None:
    experiment = complete()
    for fields, source in (
        (scanned, FieldSource.SCANNED), (curated, FieldSource.CURATED),
        (imported, FieldSource.IMPORTED),
    ):  # fmt: skip
        record(experiment, fields, source=source)
    assert facts(experiment) == (percent_, guessed)
    assert percent(experiment) == 100


def test_an_emptied_field_is_no_fact() -> None:
    experiment = complete(classes=[])
    record(experiment, ["task.classes"], source=FieldSource.CURATED)
    assert facts(experiment) == (85, [])


def test_one_confirmed_default_script_is_enough() -> None:
    experiment = complete()
    make_entry_point(experiment, "infer", "infer.py")
    record(experiment, ["entry_points.infer.default"], source=FieldSource.SCANNED)
    assert facts(experiment) == (100, [])
    record(experiment, ["entry_points.train.default"], source=FieldSource.SCANNED)
    assert facts(experiment) == (85, ["entry_points"])


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_an_upgrade_counts_what_is_confirmed_and_says_what_falls() -> None:
    guessed, decided = complete("guessed"), complete("decided")
    held = make_experiment("held", stage_held=3)
    record(guessed, [*ALL, "entry_points.train.default"], source=FieldSource.SCANNED)
    record(held, ["task.type"], source=FieldSource.SCANNED)
    for experiment in (guessed, decided, held):
        completeness.refresh(experiment)
    go_back_to(("portal", "0004_let_administrators_see_the_audit"), BEFORE)
    call_command("migrate", verbosity=0)
    assert dict(Experiment.objects.values_list("name", "confirmed")) == {
        "decided": 100, "guessed": 0, "held": 57,
    }  # fmt: skip
    notice = UpgradeNotice.objects.get()
    assert notice.detail == {"waiting": 2, "fell": 2, "names": ["guessed", "held"]}
    assert Experiment.objects.get(name="held").stage_held == 3
