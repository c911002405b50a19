"""A plan is carried out: all of it or nothing, and only on the rows that it was made for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError

from registry_app.changes.apply import apply_plan
from registry_app.changes.planning import make_plan
from registry_app.changes.undo import undo
from registry_app.choices import ChangeOrigin, Confidence, FieldSource
from registry_app.document.model import (
    CustomerDocument,
    EntryPointDocument,
    Evidence,
    ExperimentDocument,
    RegistryDocument,
    ResourcesDocument,
    SiteDocument,
    TaskDocument,
)
from registry_app.document.reader import dump, load
from registry_app.exceptions import StalePlanError
from registry_app.fields.rows import document_from_rows
from registry_app.messages import plain
from registry_app.models import (
    ChangeSet,
    Customer,
    EntryPoint,
    Experiment,
    FieldProvenance,
    Site,
    Zone,
)
from tests.factories import make_entry_point, make_experiment, make_user

pytestmark = pytest.mark.django_db

EXAMPLE = """\
experiments:
  donghwa-entec-ppe:
    path: ~/experiments/donghwa-entec-ppe
    site:
      customer: donghwa-entec
      region: busan
      plant: plant1
      zone: welding
    task:
      type: ppe
      classes: [headgear, harness, hook]
    entry_points:
      train:
        default: train_yolov11_v2.py
        patterns: ["train*.py"]
        args_template: "--epochs {epochs} --batch {batch_size}"
      infer:
        default: infer_benchmark.py
      quant:
        default: export_openvino.py
"""


def applied(
    *experiments: ExperimentDocument,
    customers: tuple[CustomerDocument, ...] = (),
    source: FieldSource = FieldSource.IMPORTED,
    by: User | None = None,
) -> ChangeSet | None:
    document = RegistryDocument(experiments=experiments, customers=customers)
    origin = ChangeOrigin.SCAN if source is FieldSource.SCANNED else ChangeOrigin.IMPORT
    return apply_plan(
        make_plan(document, source=source), origin=origin, by=by, summary=plain("a.yaml")
    )


def bct(**values: Any) -> ExperimentDocument:
    return ExperimentDocument(name="bct", path="/nowhere/bct", **values)


def test_the_example_goes_in_and_out_with_the_same_bytes() -> None:
    document = load(EXAMPLE.encode(), roots=[Path("~/experiments").expanduser()])
    apply_plan(make_plan(document), origin=ChangeOrigin.IMPORT, by=None)
    assert dump(document_from_rows()) == EXAMPLE
    assert Experiment.objects.get().completeness == 100
    assert make_plan(document).is_empty


def test_an_imported_value_says_in_which_line_it_stands() -> None:
    document = load(EXAMPLE.encode(), name="a/b.yaml", roots=[Path("~/experiments").expanduser()])
    apply_plan(make_plan(document), origin=ChangeOrigin.IMPORT, by=None)
    rows = FieldProvenance.objects.values_list("field", "evidence")
    assert dict(rows) == {
        "path": "b.yaml:3",
        "site.customer": "b.yaml:5",
        "site.region": "b.yaml:6",
        "site.plant": "b.yaml:7",
        "site.zone": "b.yaml:8",
        "task.type": "b.yaml:10",
        "task.classes": "b.yaml:11",
        "entry_points.train.default": "b.yaml:14",
        "entry_points.train.patterns": "b.yaml:15",
        "entry_points.train.args_template": "b.yaml:16",
        "entry_points.infer.default": "b.yaml:18",
        "entry_points.quant.default": "b.yaml:20",
    }


def test_a_new_experiment_gets_its_place_and_entry_points() -> None:
    applied(
        bct(
            site=SiteDocument(customer="삼표", region="김해", zone="mixer"),
            entry_points={"train": EntryPointDocument(default="train.py", patterns=("t*.py",))},
        )
    )
    row = Experiment.objects.get()
    assert row.zone is not None
    assert str(row.zone) == "삼표 · 김해 · mixer"
    assert row.entry_points.get().patterns == ["t*.py"]


def test_places_are_shared() -> None:
    site = SiteDocument(customer="sampyo", region="gimhae")
    applied(
        ExperimentDocument(name="a", path="/a", site=site),
        ExperimentDocument(name="b", path="/b", site=SiteDocument(customer="SAMPYO", region="x")),
        ExperimentDocument(name="c", path="/c", site=site),
    )
    assert Customer.objects.get().name == "sampyo"
    assert Site.objects.count() == 2
    assert Zone.objects.count() == 2


def test_the_case_of_a_customer_is_no_change() -> None:
    experiment = bct(site=SiteDocument(customer="SAMPYO", region="gimhae"))
    customers = (CustomerDocument(name="Sampyo", display_name="삼표"),)
    assert applied(experiment, customers=customers) is not None
    assert applied(experiment, customers=customers) is None


def test_one_part_of_a_site_moves_the_experiment_and_keeps_the_others() -> None:
    make_experiment("bct")
    applied(bct(site=SiteDocument(zone="yard")))
    zone = Experiment.objects.get().zone
    assert zone is not None
    assert (zone.site.region, zone.site.plant, zone.name) == ("gimhae", "plant1", "yard")
    assert not Zone.objects.filter(name="mixer").exists()  # nothing is left in it


def test_an_experiment_without_any_part_of_a_site_stands_nowhere() -> None:
    make_experiment("bct")
    applied(bct(site=SiteDocument(customer="", region="", plant="", zone="")))
    assert Experiment.objects.get().zone is None


def test_cleared_fields_are_empty_in_the_form_of_their_column() -> None:
    make_entry_point(
        make_experiment("bct", owner="x", classes=["a"]), patterns=["a"], interpreter="b", gpus=1
    )
    applied(
        bct(
            owner="",
            task=TaskDocument(type="", classes=()),
            entry_points={"train": EntryPointDocument(patterns=(), interpreter="", default="")},
        )
    )
    row = Experiment.objects.get()
    assert (row.owner, row.task_type, row.classes) == ("", "", [])
    entry_point = row.entry_points.get()
    assert (entry_point.patterns, entry_point.interpreter) == ([], "")
    assert entry_point.default_script == ""


def test_an_entry_point_without_values_is_not_made() -> None:
    applied(bct(entry_points={"train": EntryPointDocument(default="", patterns=())}))
    assert not EntryPoint.objects.exists()


def test_an_entry_point_of_which_nothing_is_left_goes_and_can_come_back() -> None:
    make_entry_point(make_experiment("bct"), patterns=["t*.py"])
    made = applied(bct(entry_points={"train": EntryPointDocument(default="", patterns=())}))
    assert not EntryPoint.objects.exists()
    assert made is not None
    undo(made, by=None)
    assert EntryPoint.objects.get().patterns == ["t*.py"]


def test_false_and_zero_are_values() -> None:
    resources = ResourcesDocument(overlap=False, gpus=0)
    applied(bct(entry_points={"train": EntryPointDocument(resources=resources)}))
    entry_point = EntryPoint.objects.get()
    assert (entry_point.overlap, entry_point.gpus) == (False, 0)


def test_what_is_not_in_the_document_stays() -> None:
    make_entry_point(make_experiment("other", owner="지우"))
    make_entry_point(make_experiment("bct"), "infer", "infer.py")
    applied(bct(entry_points={"train": EntryPointDocument(default="train.py")}))
    assert Experiment.objects.get(name="other").owner == "지우"
    assert EntryPoint.objects.count() == 3


def test_display_names_are_written() -> None:
    Customer.objects.create(name="sampyo")
    applied(
        customers=(
            CustomerDocument(name="Sampyo", display_name="삼표"),
            CustomerDocument(name="new", display_name="새"),
        )
    )
    assert dict(Customer.objects.values_list("name", "display_name")) == {
        "sampyo": "삼표",
        "new": "새",
    }


def test_origins_are_written_for_what_changed_and_for_nothing_else() -> None:
    jiwoo = make_user("jiwoo")
    make_experiment("bct", owner="same")
    applied(bct(owner="same", notes="new"), by=jiwoo)
    (row,) = FieldProvenance.objects.all()
    assert (row.field, row.source, row.by) == ("notes", FieldSource.IMPORTED, jiwoo)


def test_a_scan_writes_down_its_reasons_and_keeps_what_people_decided() -> None:
    why = Evidence(confidence=Confidence.LIKELY, source="data.yaml:3", reason=(plain("names"),))
    make_experiment("bct", owner="지우")
    applied(
        bct(
            owner="root",
            task=TaskDocument(type="bct", classes=("a",)),
            evidence={"task.classes": why},
        ),
        source=FieldSource.SCANNED,
    )
    row = Experiment.objects.get()
    assert (row.owner, row.classes) == ("지우", ["a"])
    found = FieldProvenance.objects.get(field="task.classes")
    assert (found.confidence, found.evidence) == ("likely", "data.yaml:3")
    assert found.reasons == [["text", "names"]]
    assert not FieldProvenance.objects.filter(field="owner").exists()
    assert FieldProvenance.objects.filter(field="task.type", source=FieldSource.SCANNED).exists()


def test_it_is_one_change_set() -> None:
    jiwoo = make_user("jiwoo")
    made = applied(bct(entry_points={"train": EntryPointDocument(default="a.py")}), by=jiwoo)
    assert made is not None
    assert (made.origin, str(made.summary), made.by) == (ChangeOrigin.IMPORT, "a.yaml", jiwoo)
    for model in (Experiment, EntryPoint):
        assert [row.change_set for row in model.history.all()] == [made]
        assert [row.history_user for row in model.history.all()] == [jiwoo]


def test_nothing_to_do_leaves_no_change_set() -> None:
    make_experiment("bct")
    assert applied(bct()) is None
    assert not ChangeSet.objects.exists()


@pytest.mark.parametrize("change", ["row", "customer", "entry point", "new"])
def test_a_plan_for_other_rows_is_refused(change: str) -> None:
    experiment = make_experiment("bct")
    plan = make_plan(RegistryDocument(experiments=(bct(owner="지우"),)))
    if change == "row":
        Experiment.objects.update(notes="meanwhile")
    elif change == "customer":
        Customer.objects.update(display_name="meanwhile")
    elif change == "entry point":
        make_entry_point(experiment)
    else:
        make_experiment("meanwhile")
    with pytest.raises(StalePlanError, match="changed after this preview"):
        apply_plan(plan, origin=ChangeOrigin.IMPORT, by=None)
    assert Experiment.objects.get(name="bct").owner == ""
    assert not ChangeSet.objects.exists()


def test_a_plan_is_applied_once() -> None:
    plan = make_plan(RegistryDocument(experiments=(bct(),)))
    apply_plan(plan, origin=ChangeOrigin.IMPORT, by=None)
    with pytest.raises(StalePlanError):
        apply_plan(plan, origin=ChangeOrigin.IMPORT, by=None)


def test_all_of_it_or_nothing() -> None:
    with pytest.raises(IntegrityError):
        applied(
            ExperimentDocument(name="a", path="/a", site=SiteDocument(customer="x")),
            ExperimentDocument(name="b", path="/b", stage=9),
        )
    assert not Experiment.objects.exists()
    assert not Customer.objects.exists()
    assert not ChangeSet.objects.exists()
