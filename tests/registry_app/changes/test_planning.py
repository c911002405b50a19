"""What a document would change: shown before, the same for command, admin and scan."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry_app.changes.plan import ExperimentPlan, FieldChange, Plan, PlanAction
from registry_app.changes.planning import make_plan
from registry_app.choices import FieldSource
from registry_app.document.model import (
    CustomerDocument,
    EntryPointDocument,
    Evidence,
    ExperimentDocument,
    RegistryDocument,
    SiteDocument,
    TaskDocument,
)
from registry_app.exceptions import RegistryFileError
from registry_app.fields import provenance
from registry_app.models import ChangeSet, Customer, Experiment
from tests.factories import make_entry_point, make_experiment

pytestmark = pytest.mark.django_db


def planned(*experiments: ExperimentDocument, source: FieldSource = FieldSource.IMPORTED) -> Plan:
    return make_plan(RegistryDocument(experiments=experiments), source=source)


def only(plan: Plan) -> ExperimentPlan:
    (item,) = plan.experiments
    return item


def scanned(**values: object) -> ExperimentPlan:
    document = ExperimentDocument(name="bct", path="/nowhere/bct", **values)  # type: ignore[arg-type]
    return only(planned(document, source=FieldSource.SCANNED))


def test_every_experiment_meets_one_of_four_actions() -> None:
    for name in ("same", "other", "gone"):
        make_experiment(name, task_type="bct")
    plan = planned(
        ExperimentDocument(name="new", path="new"),
        ExperimentDocument(name="other", path="/nowhere/other", task=TaskDocument(type="ppe")),
        ExperimentDocument(name="same", path="/nowhere/same", task=TaskDocument(type="bct")),
    )
    assert [(item.name, item.action) for item in plan.experiments] == [
        ("gone", PlanAction.MISSING),
        ("new", PlanAction.CREATE),
        ("other", PlanAction.UPDATE),
        ("same", PlanAction.UNCHANGED),
    ]
    assert plan.counts == {"create": 1, "update": 1, "unchanged": 1, "missing": 1}
    assert not plan.is_empty


def test_a_plan_writes_nothing() -> None:
    planned(ExperimentDocument(name="new", path="new", site=SiteDocument(customer="x")))
    assert not Experiment.objects.exists()
    assert not Customer.objects.exists()
    assert not ChangeSet.objects.exists()


def test_every_change_shows_the_old_and_the_new_value() -> None:
    make_entry_point(make_experiment("bct", classes=["a"]), default_script="old.py")
    item = only(
        planned(
            ExperimentDocument(
                name="bct",
                path="/nowhere/bct",
                task=TaskDocument(classes=("a", "b")),
                entry_points={
                    "train": EntryPointDocument(default="new.py"),
                    "infer": EntryPointDocument(default="infer.py"),
                },
            )
        )
    )
    assert item.changes == (
        FieldChange(field="task.classes", old=["a"], new=["a", "b"]),
        FieldChange(field="entry_points.train.default", old="old.py", new="new.py"),
        FieldChange(field="entry_points.infer.default", old=None, new="infer.py"),
    )


def test_what_a_document_does_not_speak_of_is_left_alone() -> None:
    make_entry_point(make_experiment("bct", owner="지우"))
    plan = planned(ExperimentDocument(name="bct", path="/nowhere/bct"))
    assert only(plan).action is PlanAction.UNCHANGED
    assert plan.is_empty


def test_what_a_document_says_to_be_empty_is_cleared() -> None:
    make_experiment("bct", owner="지우")
    item = only(planned(ExperimentDocument(name="bct", path="/nowhere/bct", owner="", notes="")))
    assert item.changes == (FieldChange(field="owner", old="지우", new=""),)


def test_missing_experiments_are_no_change() -> None:
    make_experiment()
    plan = planned()
    assert plan.counts["missing"] == 1
    assert plan.is_empty


def test_display_names_are_planned_where_the_file_says_them() -> None:
    Customer.objects.create(name="a", display_name="가")
    Customer.objects.create(name="b", display_name="나")
    plan = make_plan(
        RegistryDocument(
            customers=(
                CustomerDocument(name="a", display_name="다"),
                CustomerDocument(name="b", display_name="나"),
                CustomerDocument(name="c", display_name="라"),
            )
        )
    )
    assert [(customer.name, customer.old, customer.new) for customer in plan.customers] == [
        ("a", "가", "다"),
        ("c", "", "라"),
    ]
    assert not plan.is_empty


@pytest.mark.parametrize("source", [FieldSource.CURATED, FieldSource.IMPORTED])
def test_a_scan_keeps_what_a_person_decided(source: FieldSource) -> None:
    experiment = make_experiment("bct", owner="지우")
    provenance.record(experiment, ["owner"], source=source)
    item = scanned(owner="root")
    assert item.action is PlanAction.UNCHANGED
    (change,) = item.kept
    assert (change.field, change.old, change.new) == ("owner", "지우", "root")
    assert "never overwrites" in change.reason
    assert item.written == ()


def test_a_scan_keeps_what_a_person_emptied() -> None:
    experiment = make_experiment("bct", owner="")
    provenance.record(experiment, ["owner"], source=FieldSource.CURATED)
    assert scanned(owner="root").written == ()


def test_a_scan_keeps_a_value_of_unknown_origin() -> None:
    make_experiment("bct", owner="지우")
    assert scanned(owner="root").written == ()


def test_a_scan_fills_in_what_is_empty_and_renews_what_a_scan_wrote() -> None:
    experiment = make_experiment("bct", owner="", notes="old")
    provenance.record(experiment, ["notes"], source=FieldSource.SCANNED)
    item = scanned(owner="root", notes="new")
    assert {change.field for change in item.written} == {"owner", "notes"}
    assert item.action is PlanAction.UPDATE


def test_a_scan_may_confirm_a_value_without_origin() -> None:
    experiment = make_experiment("bct", owner="지우", notes="x")
    provenance.record(experiment, ["notes", "path"], source=FieldSource.CURATED)
    item = scanned(owner="지우", notes="x")
    assert item.found == ("owner",)
    assert item.action is PlanAction.UNCHANGED


def test_an_import_overrules_everybody() -> None:
    experiment = make_experiment("bct", owner="지우")
    provenance.record(experiment, ["owner"], source=FieldSource.CURATED)
    item = only(planned(ExperimentDocument(name="bct", path="/nowhere/bct", owner="수민")))
    assert [change.new for change in item.written] == ["수민"]


def test_the_reasons_of_a_scan_travel_with_the_plan() -> None:
    why = Evidence(confidence="sure", source="data.yaml:3")
    assert scanned(owner="x", evidence={"owner": why}).evidence == {"owner": why}


def test_the_digests_follow_rows_and_document() -> None:
    one = planned(ExperimentDocument(name="bct", path="a"))
    other = planned(ExperimentDocument(name="bct", path="b"))
    assert one.rows_digest == other.rows_digest
    assert one.document_digest != other.document_digest
    make_experiment()
    assert planned().rows_digest != one.rows_digest


def test_a_program_reads_the_plan_as_json() -> None:
    make_experiment("bct", owner="지우")
    plan = planned(ExperimentDocument(name="bct", path="/nowhere/bct", owner="수민"))
    assert plan.to_json() == {
        "counts": {"create": 0, "update": 1, "unchanged": 0, "missing": 0},
        "experiments": [
            {
                "name": "bct",
                "action": "update",
                "changes": [
                    {"field": "owner", "old": "지우", "new": "수민", "reason": "", "kept": False}
                ],
            }
        ],
        "customers": [],
        "vocabulary": [],
        "warnings": [],
    }


def test_more_experiments_need_no_more_queries() -> None:
    def queries(count: int) -> int:
        documents = []
        for number in range(count):
            name = f"e{number}-{count}"
            make_entry_point(make_experiment(name, owner="old"))
            documents.append(ExperimentDocument(name=name, path=name, owner="new"))
        with CaptureQueriesContext(connection) as asked:
            planned(*documents)
        return len(asked)

    assert queries(20) == queries(2)


def test_an_import_gives_no_directory_a_second_name() -> None:
    make_experiment("bct", path=inside("bct"))
    make_experiment("other", path=inside("other"))
    for name in ("new", "other"):
        with pytest.raises(RegistryFileError) as caught:
            planned(ExperimentDocument(name=name, path="bct", lines={"path": 7}))
        (problem,) = caught.value.problems
        assert problem.line == 7
        assert f"{name} and bct name the same directory" in str(problem.message)


def test_experiments_that_change_places_give_no_directory_a_second_name() -> None:
    make_experiment("bct", path=inside("bct"))
    make_experiment("other", path=inside("other"))
    plan = planned(
        ExperimentDocument(name="bct", path="other"), ExperimentDocument(name="other", path="bct")
    )
    assert plan.counts["update"] == 2


def inside(name: str) -> str:
    return str(settings.GUARDIANFLOW_ROOTS[0] / name)
