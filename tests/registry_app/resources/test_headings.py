"""Columns are found by the words that people use for them."""

from __future__ import annotations

from typing import Any

import pytest
from import_export.formats.base_formats import XLSX

from registry_app.models import Experiment
from registry_app.resources import CustomerResource, EntryPointResource, ExperimentResource
from registry_app.resources.headings import Headings
from registry_app.resources.sheet_reader import SHEETS
from tests.factories import make_experiment
from tests.registry_app.sheets import a_path, bring_in, imported, problems, sheet

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("resource", "heading", "column"),
    [
        (ExperimentResource, "name", "name"),
        (ExperimentResource, "실험명", "name"),
        (ExperimentResource, " 고객사 ", "customer"),
        (ExperimentResource, "CUSTOMER", "customer"),
        (ExperimentResource, "과제유형", "task"),
        (ExperimentResource, "task type", "task"),
        (ExperimentResource, "담당자", "owner"),
        (ExperimentResource, "비고", "notes"),
        (EntryPointResource, "GPU 메모리 (MiB)", "gpu_memory_mib"),
        (EntryPointResource, "기본 스크립트", "default"),
        (CustomerResource, "표시 이름", "display_name"),
        (ExperimentResource, "전화번호", None),
        # Of a plant or of a folder: no guess.
        (ExperimentResource, "위치", None),
        (ExperimentResource, "", None),
    ],
)
def test_a_heading_means_a_column(resource: Any, heading: str, column: str | None) -> None:
    assert Headings.of(resource).column(heading) == column


@pytest.mark.parametrize("resource", SHEETS.values())
def test_every_column_has_a_word_in_each_language(resource: Any) -> None:
    known = Headings.of(resource)
    for field in resource().get_import_fields():
        words = [item for item in known.all() if known.column(item) == field.column_name]
        assert any(word.isascii() for word in words), field.column_name
        assert any(not word.isascii() for word in words), field.column_name


def test_a_list_with_a_title_and_korean_headings_is_taken_over() -> None:
    make_experiment(path=a_path())
    rows: list[list[Any]] = [
        [None],
        ["번호", None],
        ["실험", "담당자", "메모"],
        ["sampyo-gimhae-bct", "수민", "확인"],
    ]
    plan = imported(ExperimentResource, sheet(["2026년 현장 목록"], *rows, kind=XLSX))
    experiment = Experiment.objects.get()
    assert (experiment.owner, experiment.notes) == ("수민", "확인")
    assert [remark.code for remark in plan.remarks] == ["sheet_title_rows"]


def test_every_mistake_is_reported_at_once_under_the_heading_that_it_has_in_the_file() -> None:
    make_experiment(path=a_path())
    headers = ["이름", "고객시", "단계", "클래스"]
    rows = [["sampyo-gimhae-bct", "x", "아홉", "[a"], ["없는-실험", "", "#REF!", ""]]
    found = bring_in(ExperimentResource, sheet(headers, *rows)).problems
    output = [(item.line, item.column) for item in found]
    assert output[:1] == [(1, "고객시")]
    assert {(2, "단계"), (2, "클래스"), (3, "단계")} <= set(output)
    text = " ".join(str(item.message) for item in found)
    assert "Did you mean 고객사?" in text
    assert "Expecting" not in text


def test_two_headings_of_one_meaning_are_named() -> None:
    headers = ["name", "owner", "담당자"]
    output = problems(bring_in(ExperimentResource, sheet(headers, ["a", "b", "c"])))
    assert "Duplicate column owner, 담당자" in output
