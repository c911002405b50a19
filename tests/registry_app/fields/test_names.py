"""Every field that a person can curate has a key in the registry file."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.db.models import Field, Model

from registry_app.arguments.parameters import Parameter
from registry_app.changes.apply import apply_plan
from registry_app.changes.planning import make_plan
from registry_app.choices import ChangeOrigin, EntryPointType
from registry_app.document.model import (
    EntryPointDocument,
    ExperimentDocument,
    ResourcesDocument,
    SiteDocument,
    TaskDocument,
)
from registry_app.document.reader import dump, load
from registry_app.fields.documents import document_of_row, fields_of_document
from registry_app.fields.names import fields_of_row, is_empty, same, split_field
from registry_app.fields.rows import document_from_rows
from registry_app.models import Customer, EntryPoint, Experiment, Site, Zone
from tests.factories import make_entry_point, make_experiment

# Values of every curatable column, none of them its default.
EXPERIMENT_VALUES: dict[str, Any] = {
    "path": "",  # below a root of the settings
    "task_type": "ppe",
    "classes": ["안전모", "vest"],
    "owner": "지우",
    "notes": "한 줄\n두 줄",
    "aliases": ["별명"],
    "stage_held": 3,
    "stage_reason": "합의",
}
ENTRY_POINT_VALUES: dict[str, Any] = {
    "default_script": "train.py",
    "patterns": ["train*.py"],
    "args_template": "--epochs {epochs}",
    "parameters": [{"name": "epochs", "default": 3}],
    "interpreter": "conda:yolo",
    "working_directory": "src",
    "start": "module",
    "environment": {"PPE_DATA": "/nas/ppe", "EPOCHS": "3"},
    "reads": ["weights/best.pt", "/nas/ppe/열 개.onnx"],
    "gpus": 2,
    "gpu_memory_mib": 8000,
    "timeout_s": 60,
    "grace_s": 0,
    "overlap": False,
    "log_limit_mib": 5,
    "background": True,
    "buffered": True,
}
# Said by the structure of the file: names are keys, places are the section `site`.
STRUCTURE = {
    Experiment: {"name", "zone"},
    EntryPoint: {"experiment", "type"},
    Customer: {"name", "display_name", "aliases"},
    Site: {"customer", "region", "plant"},
    Zone: {"site", "name"},
}


def curatable(model: type[Model]) -> set[str]:
    """Return the columns that people write, as the model itself says."""
    fields = (field for field in model._meta.get_fields() if isinstance(field, Field))
    return {field.name for field in fields if field.editable and not field.primary_key}


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Experiment, EXPERIMENT_VALUES),
        (EntryPoint, ENTRY_POINT_VALUES),
        (Customer, {}),
        (Site, {}),
        (Zone, {}),
    ],
)
def test_these_tests_know_every_column_that_people_write(
    model: type[Model], values: dict[str, object]
) -> None:
    assert curatable(model) == set(values) | STRUCTURE[model]


@pytest.mark.django_db
def test_everything_that_people_write_survives_a_file() -> None:
    path = str(settings.GUARDIANFLOW_ROOTS[0] / "ppe")
    experiment = make_experiment("ppe", **(EXPERIMENT_VALUES | {"path": path}))
    for kind in EntryPointType.values:
        make_entry_point(experiment, kind, **ENTRY_POINT_VALUES)
    Customer.objects.update(display_name="삼표", aliases=["Sampyo Group", "삼표시멘트"])
    text = dump(document_from_rows())
    for model in (Experiment, Zone, Site, Customer):
        model._default_manager.all().delete()
    apply_plan(make_plan(load(text.encode())), origin=ChangeOrigin.IMPORT, by=None)
    row = Experiment.objects.get()
    expected = EXPERIMENT_VALUES | {"path": path}
    assert {name: getattr(row, name) for name in expected} == expected
    assert row.zone is not None
    assert str(row.zone) == "삼표 · gimhae · plant1 · mixer"
    assert row.zone.site.customer.aliases == ["Sampyo Group", "삼표시멘트"]
    entry_points = list(row.entry_points.all())
    assert {entry.type for entry in entry_points} == set(EntryPointType.values)
    for entry in entry_points:
        assert {name: getattr(entry, name) for name in ENTRY_POINT_VALUES} == ENTRY_POINT_VALUES
    assert dump(document_from_rows()) == text


@pytest.mark.django_db
def test_rows_and_documents_have_the_same_fields() -> None:
    experiment = make_experiment(**EXPERIMENT_VALUES | {"path": "x"})
    make_entry_point(experiment, **ENTRY_POINT_VALUES)
    of_row = {field: value for field, value in fields_of_row(experiment).items() if value != ""}
    assert fields_of_document(document_of_row(experiment)) == of_row


def test_a_document_speaks_only_of_what_it_says() -> None:
    silent = ExperimentDocument(name="a", path="a", entry_points={"train": EntryPointDocument()})
    assert fields_of_document(silent) == {"path": "a"}
    cleared = ExperimentDocument(
        name="a",
        path="a",
        site=SiteDocument(zone=""),
        task=TaskDocument(classes=()),
        entry_points={
            "train": EntryPointDocument(parameters=(), resources=ResourcesDocument(overlap=False))
        },
    )
    assert fields_of_document(cleared) == {
        "path": "a",
        "site.zone": "",
        "task.classes": [],
        "entry_points.train.parameters": [],
        "entry_points.train.resources.overlap": False,
    }


def test_what_only_a_scan_knows_of_a_parameter_is_not_compared() -> None:
    parameter = Parameter(name="a", default_expr="x()", confidence="sure", source="a.py:1")
    document = ExperimentDocument(
        name="a", path="a", entry_points={"train": EntryPointDocument(parameters=(parameter,))}
    )
    assert fields_of_document(document)["entry_points.train.parameters"] == [{"name": "a"}]


@pytest.mark.parametrize("value", [None, "", [], ()])
def test_empty_values_say_the_same(value: object) -> None:
    assert is_empty(value)
    assert same(value, None)
    assert not same(value, 0)
    assert not same(value, False)


@pytest.mark.parametrize(
    ("one", "other"), [(1, True), (0, False), ("1", 1), (["a"], ["b"]), (["a", "b"], ["b", "a"])]
)
def test_values_that_only_look_alike_differ(one: object, other: object) -> None:
    assert not same(one, other)
    assert same(one, one)


def test_a_field_of_an_entry_point_is_taken_apart() -> None:
    assert split_field("entry_points.train.resources.gpus") == ("train", "resources.gpus")
    assert split_field("task.classes") == ("", "task.classes")
