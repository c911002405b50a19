"""Spreadsheets of the registry: out, through a person's hands, and in again."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from import_export.formats.base_formats import CSV, XLSX

from registry_app.choices import ChangeOrigin, FieldSource
from registry_app.models import (
    ChangeSet,
    Customer,
    EntryPoint,
    Experiment,
    FieldProvenance,
    Site,
    Zone,
)
from registry_app.resources import (
    CustomerResource,
    EntryPointResource,
    ExperimentResource,
    SiteResource,
    ZoneResource,
)
from registry_app.resources.cells import escape, unescape
from tests.factories import make_entry_point, make_experiment, make_user, make_zone
from tests.registry_app.sheets import (
    FORMATS,
    a_path,
    a_registry,
    bring_in,
    file_of,
    imported,
    now,
    sheet,
)

pytestmark = pytest.mark.django_db
HOSTILE = ["=1+1", "+1", "-1", "@x", "'=1", "''", "'", "it's", "|x", "%x", "'quoted'", "a=b"]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("resource", [ExperimentResource, EntryPointResource, CustomerResource])
def test_what_was_exported_comes_in_without_a_change(resource: Any, kind: Any) -> None:
    a_registry()
    plan = imported(resource, file_of(resource, kind))
    assert plan.is_empty
    assert plan.counts["unchanged"] > 0
    assert not ChangeSet.objects.exists()


@pytest.mark.parametrize("kind", FORMATS)
def test_an_empty_registry_is_filled_from_all_sheets(kind: Any) -> None:
    a_registry()
    before = now()
    order = (
        CustomerResource, SiteResource, ZoneResource, ExperimentResource, EntryPointResource
    )  # fmt: skip
    files = [(resource, file_of(resource, kind)) for resource in order]
    for model in (Experiment, Zone, Site, Customer):
        model._default_manager.all().delete()
    for resource, data in files:
        imported(resource, data)
    assert now() == before


def test_korean_is_written_as_korean() -> None:
    a_registry()
    assert "안전모" in file_of(ExperimentResource).decode()
    assert "에폭" in file_of(EntryPointResource).decode()


@pytest.mark.parametrize("kind", FORMATS)
def test_no_exported_cell_is_a_formula(kind: Any) -> None:
    a_registry()
    make_experiment("=HYPERLINK()", notes="-1+2", zone=make_zone(customer="+82"))
    for resource in (ExperimentResource, EntryPointResource, CustomerResource, ZoneResource):
        rows = kind(encoding="utf-8").create_dataset(file_of(resource, kind))
        cells = [str(cell) for row in rows for cell in row if cell]
        assert not [cell for cell in cells if cell[0] in "=+-@\t\r"]
    if kind is XLSX:
        book = openpyxl.load_workbook(BytesIO(file_of(ExperimentResource, XLSX)))
        assert "f" not in {cell.data_type for row in book.active.rows for cell in row}


@pytest.mark.parametrize("text", HOSTILE)
def test_escaping_is_taken_back(text: str) -> None:
    assert unescape(escape(text)) == text
    assert escape(text)[0] not in "=+-@|%"


@pytest.mark.parametrize("kind", FORMATS)
def test_a_blank_cell_leaves_its_field_alone(kind: Any) -> None:
    a_registry()
    before = now()
    headers = ["name", "path", "customer", "task", "classes", "stage", "owner", "notes"]
    empty = "" if kind is CSV else None
    row = ["sampyo-gimhae-bct", *[empty] * 5, "minsu", empty]
    imported(ExperimentResource, sheet(headers, row, kind=kind))
    assert now() == before.replace("'@지우'", "minsu")


def test_an_empty_cell_of_an_entry_point_leaves_its_field_alone() -> None:
    a_registry()
    headers = ["experiment", "type", "default", "gpus", "overlap", "patterns", "parameters"]
    row = ["sampyo-gimhae-bct", "train", None, 2, None, None, None]
    imported(EntryPointResource, sheet(headers, row, kind=XLSX))
    entry_point = EntryPoint.objects.get(type="train")
    assert (entry_point.gpus, entry_point.overlap) == (2, False)
    assert entry_point.default_script == "train.py"
    assert entry_point.patterns == ["train*.py", "[ab].py"]


def test_numbers_of_a_workbook_are_names_again() -> None:
    headers = ["name", "path", "plant", "classes", "stage"]
    row = [7, a_path("7"), 1.0, 3, 2.0]
    imported(ExperimentResource, sheet(headers, row, kind=XLSX))
    experiment = Experiment.objects.get(name="7")
    assert experiment.zone is not None
    assert experiment.zone.site.plant == "1"
    assert experiment.classes == ["3"]
    assert experiment.stage_held == 2


@pytest.mark.parametrize("word", ["train", "Train", "학습", " 훈련 ", "TRAINING"])
def test_a_type_may_be_written_as_people_say_it(word: str) -> None:
    entry = make_entry_point(make_experiment(path=a_path()), "train", "train.py")
    imported(EntryPointResource, sheet(["실험", "유형", "gpus"], ["sampyo-gimhae-bct", word, "2"]))
    entry.refresh_from_db()
    assert entry.gpus == 2


def test_hand_written_words_are_a_list() -> None:
    make_experiment(path=a_path())
    imported(
        ExperimentResource, sheet(["name", "classes"], ["sampyo-gimhae-bct", " 안전모,vest , ,x"])
    )
    assert Experiment.objects.get().classes == ["안전모", "vest", "x"]


def test_a_new_place_is_made_and_the_experiment_moved() -> None:
    make_experiment(path=a_path(), zone=make_zone("sampyo", "gimhae", "plant1", "mixer"))
    imported(ExperimentResource, sheet(["name", "zone"], ["sampyo-gimhae-bct", "yard"]))
    zone = Experiment.objects.get().zone
    assert zone is not None
    assert (zone.site.customer.name, zone.site.plant, zone.name) == ("sampyo", "plant1", "yard")


def test_an_import_is_one_change_set_with_its_file_and_person() -> None:
    jiwoo = make_user("jiwoo")
    make_experiment("one", path=a_path("one"))
    headers, rows = ["name", "path", "owner"], [["one", "", "a"], ["two", a_path("two"), "b"]]
    imported(ExperimentResource, sheet(headers, *rows), user=jiwoo)
    made = ChangeSet.objects.get()
    assert (made.origin, made.by, str(made.summary)) == (
        ChangeOrigin.SPREADSHEET,
        jiwoo,
        "지우.xlsx",
    )
    history: Any = Experiment.history
    assert history.filter(change_set=made).count() == 2


def test_imported_fields_say_where_they_come_from() -> None:
    jiwoo = make_user("jiwoo")
    make_entry_point(make_experiment(path=a_path(), owner="minsu"))
    headers = ["name", "owner", "task", "region", "classes"]
    row = ["sampyo-gimhae-bct", "jiwoo", "bct", "busan", "a"]
    imported(ExperimentResource, sheet(headers, row), user=jiwoo)
    headers = ["experiment", "type", "default", "gpus"]
    row = ["sampyo-gimhae-bct", "train", "train.py", "1"]
    imported(EntryPointResource, sheet(headers, row), user=jiwoo)
    rows = FieldProvenance.objects.all()
    assert {row.field for row in rows} == {
        "owner", "site.region", "task.classes", "entry_points.train.resources.gpus"
    }  # fmt: skip
    assert {(row.source, row.by) for row in rows} == {(FieldSource.IMPORTED, jiwoo)}
    assert {row.evidence for row in rows} == {"지우.xlsx:2"}


def test_completeness_follows() -> None:
    experiment = make_experiment(path=a_path())
    imported(ExperimentResource, sheet(["name", "classes"], [experiment.name, "a"]))
    imported(
        EntryPointResource,
        sheet(["experiment", "type", "default"], [experiment.name, "train", "train.py"]),
    )
    assert Experiment.objects.get().completeness == 100


def test_a_preview_writes_nothing() -> None:
    result = bring_in(
        ExperimentResource,
        sheet(["name", "path", "customer"], ["new", a_path("new"), "lotte"]),
        dry_run=True,
    )
    assert result.plan is not None
    assert result.plan.counts["create"] == 1
    for model in (Experiment, Customer, ChangeSet):
        assert not model._default_manager.exists()


def test_a_pattern_that_leads_out_is_refused_as_in_a_registry_file() -> None:
    make_experiment(path=a_path())
    for pattern in ("../*.py", "/etc/*"):
        data = sheet(["experiment", "type", "patterns"], ["sampyo-gimhae-bct", "train", pattern])
        (problem,) = bring_in(EntryPointResource, data).problems
        assert (problem.line, problem.column) == (2, "patterns")
        assert "leads out of the directory" in str(problem.message)
    assert not EntryPoint.objects.exists()


def test_what_was_wrong_before_and_is_not_touched_keeps_no_sheet_out() -> None:
    experiment = make_experiment(path="/outside/every/root", owner="minsu")
    make_entry_point(experiment, patterns=["../*.py"], default_script="/etc/passwd")
    imported(ExperimentResource, sheet(["name", "owner"], [experiment.name, "지우"]))
    headers = ["experiment", "type", "default", "patterns", "gpus"]
    row = [experiment.name, "train", "/etc/passwd", "../*.py", "1"]
    imported(EntryPointResource, sheet(headers, row))
    assert Experiment.objects.get().owner == "지우"
    assert EntryPoint.objects.get().gpus == 1


def test_more_rows_need_no_more_statements_and_a_preview_none_that_writes() -> None:
    def asked(count: int) -> list[str]:
        headers = ["name", "path", "customer", "zone", "owner"]
        rows = [
            [f"e{number}", a_path(f"e{number}"), f"c{number % 5}", f"z{number}", str(count)]
            for number in range(count)
        ]
        with CaptureQueriesContext(connection) as seen:
            result = bring_in(ExperimentResource, sheet(headers, *rows), dry_run=True)
        assert result.plan is not None
        assert result.plan.counts["create"] + result.plan.counts["update"] == count
        return [query["sql"] for query in seen.captured_queries]

    few = asked(2)
    bring_in(ExperimentResource, sheet(["name", "path"], ["e1", a_path("e1")]))
    many = asked(300)
    assert len(many) == len(few)
    assert {sql.split()[0] for sql in (*few, *many)} == {"SELECT"}


def test_many_rows_are_applied_in_few_statements_with_all_their_history() -> None:
    def applied(count: int, owner: str) -> int:
        headers = ["name", "path", "customer", "zone", "owner"]
        rows = [
            [f"e{number}", a_path(f"e{number}"), f"c{number % 5}", f"z{number}", owner]
            for number in range(count)
        ]
        data = sheet(headers, *rows)
        with CaptureQueriesContext(connection) as seen:
            bring_in(ExperimentResource, data, user=jiwoo)
        return len(seen)

    jiwoo = make_user("jiwoo")
    assert applied(150, "minsu") < 150
    created_at = Experiment.objects.get(name="e7").created_at
    assert applied(150, "수민") < 60
    history: Any = Experiment.history
    changed = history.filter(change_set=ChangeSet.objects.first())
    assert set(changed.values_list("history_type", "owner", "history_user")) == {
        ("~", "수민", jiwoo.pk)
    }
    assert changed.count() == 150
    row = Experiment.objects.get(name="e7")
    assert row.created_at == created_at == changed.get(name="e7").created_at
    assert row.updated_at > created_at
