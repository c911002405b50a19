"""What rows may hold: the database refuses the rest, forms say why in plain words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import translation

from registry_app.choices import EntryPointType, FieldSource
from registry_app.models import (
    Customer,
    EntryPoint,
    Experiment,
    FieldProvenance,
    ScanJob,
    Script,
    Site,
    Zone,
)
from tests.factories import make_entry_point, make_experiment, make_run, make_script, make_zone

pytestmark = pytest.mark.django_db


def a_customer() -> Customer:
    return Customer.objects.create(name="sampyo")


@pytest.mark.parametrize(
    ("make", "constraint", "says"),
    [
        (lambda: Customer(name="SAMPYO"), "customer_name_unique", "already a customer"),
        (lambda: Customer(name="sampyo"), "customer_name_unique", "already a customer"),
        (
            lambda: Site(customer=Customer.objects.get(), region="gimhae", plant="plant1"),
            "site_unique_per_customer",
            "already has a site",
        ),
        (
            lambda: Zone(site=Site.objects.get(), name="mixer"),
            "zone_unique_per_site",
            "already has a zone",
        ),
        (lambda: Experiment(name="", path="a"), "experiment_has_name", "needs a name"),
        (lambda: Experiment(name="a", path=""), "experiment_has_path", "needs the path"),
        (
            lambda: Experiment(name="a", path="a", completeness=101),
            "experiment_completeness_is_percent",
            "percentage from 0 to 100",
        ),
        (
            lambda: Experiment(name="a", path="a", stage_held=6),
            "experiment_held_stage_exists",
            "number from 1 to 5",
        ),
        (
            lambda: EntryPoint(experiment=Experiment.objects.get(), type="train"),
            "entry_point_one_per_type",
            "already has an entry point of this type",
        ),
        (
            lambda: EntryPoint(experiment=Experiment.objects.get(), type="tarin"),
            "entry_point_type_exists",
            "type does not exist",
        ),
        (
            lambda: Script(
                experiment=Experiment.objects.get(),
                path="train.py",
                launch="main_guard",
                confidence="sure",
                types=["train"],
            ),
            "script_path_unique_per_experiment",
            "already listed",
        ),
        (
            lambda: FieldProvenance(
                experiment=Experiment.objects.get(), field="owner", source="curated"
            ),
            "provenance_one_per_field",
            "already exists",
        ),
    ],
)
def test_the_database_refuses_what_makes_no_sense(
    make: Callable[[], models.Model], constraint: str, says: str
) -> None:
    experiment = make_experiment(zone=make_zone("sampyo", "gimhae", "plant1", "mixer"))
    make_entry_point(experiment)
    make_script(experiment)
    FieldProvenance.objects.create(experiment=experiment, field="owner", source="curated")
    row = make()
    assert constraint in {item.name for item in row._meta.constraints}
    with translation.override("en"), pytest.raises(ValidationError, match=says):
        row.validate_constraints()
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_names_of_experiments_are_unique() -> None:
    make_experiment("a")
    with pytest.raises(ValidationError, match="already an experiment of this name"):
        Experiment(name="a", path="b").full_clean()


def test_every_constraint_has_a_name_and_words_for_people() -> None:
    for model in (Customer, Site, Zone, Experiment, EntryPoint, Script):
        for constraint in model._meta.constraints:
            assert constraint.name
            default = models.CheckConstraint.default_violation_error_message
            assert str(constraint.violation_error_message) != str(default), constraint.name


def test_unknown_parts_of_a_place_are_shown_as_unknown() -> None:
    with translation.override("en"):
        assert str(make_zone("", "", "", "")) == "unknown · unknown · unknown"
        assert str(make_zone("sampyo", "gimhae", "", "")) == "sampyo · gimhae · unknown"
        assert str(make_zone("x", "a", "b", "c")) == "x · a · b · c"


def test_an_entry_point_is_called_by_its_type_as_people_call_it() -> None:
    entry = make_entry_point(make_experiment("lotte-fall"), "quant")
    with translation.override("ko"):
        assert str(entry) == "lotte-fall / 양자화"


def test_a_customer_is_called_as_people_call_it() -> None:
    assert str(Customer(name="sampyo")) == "sampyo"
    assert str(Customer(name="sampyo", display_name="삼표")) == "삼표"


@pytest.mark.parametrize("gone", ["zone", "site", "customer"])
def test_a_place_with_experiments_cannot_be_deleted(gone: str) -> None:
    zone = make_experiment().zone
    assert zone is not None
    places: dict[str, Any] = {"zone": zone, "site": zone.site, "customer": zone.site.customer}
    with pytest.raises(models.ProtectedError):
        places[gone].delete()


def test_an_experiment_takes_what_belongs_to_it_along() -> None:
    experiment = make_experiment()
    make_entry_point(experiment)
    make_script(experiment)
    FieldProvenance.objects.create(experiment=experiment, field="owner", source=FieldSource.CURATED)
    experiment.delete()
    for model in (EntryPoint, Script, FieldProvenance):
        assert not model._default_manager.exists()


def test_an_experiment_that_was_run_cannot_be_deleted() -> None:
    experiment = make_experiment()
    make_run(experiment)
    with pytest.raises(models.ProtectedError):
        experiment.delete()


@pytest.mark.parametrize(
    ("field", "value"), [("timeout_s", 0), ("grace_s", 86_401), ("gpus", -1), ("type", "x")]
)
def test_limits_that_make_no_sense_are_refused(field: str, value: Any) -> None:
    entry_point = make_entry_point(make_experiment())
    setattr(entry_point, field, value)
    with pytest.raises(ValidationError) as caught:
        entry_point.full_clean()
    assert field in caught.value.message_dict


def test_entry_points_may_be_nearly_empty() -> None:
    experiment = make_experiment()
    for kind in EntryPointType.values:
        EntryPoint(experiment=experiment, type=kind).full_clean()


def test_a_scan_tells_its_progress() -> None:
    job = ScanJob.objects.create(done=2, total=7, current="bct", summary={"new": 1})
    assert job.as_json() == {
        "done": 2,
        "total": 7,
        "current": "bct",
        "finished": False,
        "summary": {"new": 1},
    }
