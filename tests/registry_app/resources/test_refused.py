"""What is wrong in a spreadsheet is named by its column, and keeps every row out."""

from __future__ import annotations

import pytest
from import_export.formats.base_formats import XLSX

from registry_app.models import (
    ChangeSet,
    Customer,
    EntryPoint,
    Experiment,
)
from registry_app.resources import (
    EntryPointResource,
    ExperimentResource,
    SiteResource,
    ZoneResource,
)
from tests.factories import make_experiment
from tests.registry_app.sheets import (
    a_path,
    bring_in,
    imported,
    problems,
    sheet,
)

pytestmark = pytest.mark.django_db


def test_a_date_that_the_spreadsheet_made_is_refused() -> None:
    import datetime as dt

    make_experiment(path=a_path())
    data = sheet(["name", "plant"], ["sampyo-gimhae-bct", dt.date(2026, 3, 1)], kind=XLSX)
    assert "made a date" in problems(bring_in(ExperimentResource, data))


def test_one_wrong_row_keeps_all_others_out() -> None:
    headers = ["name", "path", "customer", "stage"]
    result = bring_in(
        ExperimentResource,
        sheet(
            headers,
            ["good", a_path("good"), "lotte", ""],
            ["outside", "/etc", "", ""],
            ["climbs", "a/../../b", "", "nine"],
            ["", a_path("x"), "", ""],
            ["good", a_path("good"), "", ""],
        ),
    )
    output = problems(result)
    for part in (
        "outside every root",
        "climbs with",
        "not a whole number",
        "be blank",
        "Duplicate",
    ):
        assert part in output
    for model in (Experiment, Customer, ChangeSet):
        assert not model._default_manager.exists()


def test_no_row_gives_a_directory_a_second_name() -> None:
    make_experiment("bct", path=a_path("bct"))
    result = bring_in(ExperimentResource, sheet(["name", "path"], ["new", a_path("bct")]))
    assert "new and bct name the same directory" in problems(result)
    assert Experiment.objects.count() == 1


@pytest.mark.parametrize("script", ["../train.py", "/etc/passwd"])
def test_a_script_outside_its_directory_is_refused(script: str) -> None:
    make_experiment(path=a_path())
    data = sheet(["experiment", "type", "default"], ["sampyo-gimhae-bct", "train", script])
    assert "not a path inside the experiment" in problems(bring_in(EntryPointResource, data))
    assert not EntryPoint.objects.exists()


@pytest.mark.parametrize(
    ("column", "cell", "says"),
    [
        ("args_template", "--a 'b", "open quote"),
        ("args_template", "--a {a!r}", "'{a!r}' in the argument template is not a placeholder"),
        ("overlap", "maybe", "neither true nor false"),
        ("gpus", "-1", "not a whole number"),
        ("timeout_s", "0", "timeout_s"),
        ("patterns", "[a", "not JSON"),
        ("parameters", '[{"name": "x", "flg": 1}]', "not understood"),
        ("parameters", '[{"flag": "--x"}]', "needs a"),
        ("interpreter", "a\x07b", "control characters"),
    ],
)
def test_a_wrong_cell_of_an_entry_point_is_named(column: str, cell: str, says: str) -> None:
    make_experiment(path=a_path())
    data = sheet(["experiment", "type", column], ["sampyo-gimhae-bct", "train", cell])
    output = problems(bring_in(EntryPointResource, data))
    assert says in output
    assert column in output
    assert not EntryPoint.objects.exists()


def test_unknown_headers_are_refused_with_the_nearest_name() -> None:
    make_experiment(path=a_path())
    headers = ["name", "custmer", "xyz", "owner", "owner", ""]
    output = problems(
        bring_in(
            ExperimentResource, sheet(headers, ["sampyo-gimhae-bct", "lotte", "", "a", "b", "c"])
        )
    )
    assert "no column custmer. Did you mean customer?" in output
    assert "no column xyz. Available: " in output
    assert "Duplicate column owner" in output
    assert "cells but no heading" in output
    assert Experiment.objects.get().owner == ""


def test_a_sheet_without_its_key_is_refused() -> None:
    output = problems(bring_in(EntryPointResource, sheet(["experiment", "default"], ["a", "b"])))
    assert "column type is missing" in output


def test_blank_rows_and_nameless_blank_columns_are_no_mistake() -> None:
    headers = ["name", "path", None]
    rows = [[None, None, None], ["one", a_path("one"), None], [None, None, None]]
    plan = imported(ExperimentResource, sheet(headers, *rows, kind=XLSX))  # type: ignore[arg-type]
    assert Experiment.objects.get().name == "one"
    assert plan.counts["create"] == 1


def test_unknown_names_are_refused_with_the_nearest() -> None:
    make_experiment()
    output = problems(
        bring_in(
            EntryPointResource,
            sheet(["experiment", "type"], ["sampyo-gimhae-bcd", "train"], ["sampyo", "trian"]),
        )
    )
    assert "Did you mean sampyo-gimhae-bct?" in output
    output = problems(
        bring_in(
            ZoneResource,
            sheet(["customer", "region", "plant", "zone"], ["sampyo", "gimhe", "plant1", "x"]),
        )
    )
    assert "Did you mean gimhae · plant1?" in output
    output = problems(
        bring_in(SiteResource, sheet(["customer", "region", "plant"], ["sampo", "", "p"]))
    )
    assert "Did you mean sampyo?" in output


def test_an_entry_point_of_no_known_type_is_refused() -> None:
    make_experiment()
    data = sheet(["experiment", "type"], ["sampyo-gimhae-bct", "trian"])
    assert "Did you mean train?" in problems(bring_in(EntryPointResource, data))
    assert not EntryPoint.objects.exists()


def test_the_cells_of_a_row_without_a_known_type_are_judged_as_well() -> None:
    make_experiment()
    row = ["sampyo-gimhae-bct", "운동", "many", "LD_PRELOAD=/x"]
    found = bring_in(EntryPointResource, sheet(["실험", "유형", "gpus", "환경 변수"], row)).problems
    assert {item.column for item in found} == {"유형", "gpus", "환경 변수"}
    assert "train" in str(found[0].message)
