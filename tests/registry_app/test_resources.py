"""Spreadsheets of the registry: out, through a person's hands, and in again."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest
import tablib
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from import_export.formats.base_formats import CSV, XLSX
from import_export.results import Result

from registry_app.choices import ChangeOrigin, EntryPointType, FieldSource
from registry_app.models import (
    ChangeSet,
    Customer,
    EntryPoint,
    Experiment,
    FieldProvenance,
    Site,
    Zone,
)
from registry_app.registry_file import dump
from registry_app.registry_rows import document_from_rows
from registry_app.resources import (
    CustomerResource,
    EntryPointResource,
    ExperimentResource,
    SiteResource,
    ZoneResource,
)
from registry_app.resources.cells import escape, unescape
from tests.factories import make_entry_point, make_experiment, make_member, make_user, make_zone

pytestmark = pytest.mark.django_db
FORMATS = [CSV, XLSX]
HOSTILE = ["=1+1", "+1", "-1", "@x", "'=1", "''", "'", "it's", "|x", "%x", "'quoted'", "a=b"]


def a_path(name: str = "sampyo-gimhae-bct") -> str:
    return str(settings.GUARDIANFLOW_ROOTS[0] / name)


def file_of(resource: Any, kind: Any = CSV) -> bytes:
    """Return the bytes of an exported file."""
    data = kind().export_data(resource().export())
    return data if isinstance(data, bytes) else data.encode()


def sheet(headers: list[str], *rows: list[Any], kind: Any = CSV) -> bytes:
    """Return the bytes of a file as a spreadsheet program writes it."""
    if kind is CSV:
        text = tablib.Dataset(*rows, headers=headers).export("csv")
        assert isinstance(text, str)
        return text.encode()
    book = openpyxl.Workbook()
    for row in (headers, *rows):
        book.active.append(row)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def bring_in(
    resource: Any, data: bytes, kind: Any = CSV, *, dry_run: bool = False, user: User | None = None
) -> Result:
    dataset = kind(encoding="utf-8-sig").create_dataset(data)
    return resource().import_data(dataset, dry_run=dry_run, user=user, file_name="지우.xlsx")


def problems(result: Result) -> str:
    said = [str(error.error) for error in result.base_errors]
    said += [str(error.error) for _number, row in result.row_errors() for error in row]
    said += [str(row.error_dict) for row in result.invalid_rows]
    return "\n".join(said)


def imported(resource: Any, data: bytes, kind: Any = CSV, user: User | None = None) -> Result:
    result = bring_in(resource, data, kind, user=user)
    assert not problems(result)
    return result


def now() -> str:
    return dump(document_from_rows())


def a_registry() -> None:
    """Rows with everything that a spreadsheet could spoil."""
    experiment = make_experiment(
        path=a_path(),
        classes=["안전모", "vest, red", "[x]"],
        aliases=["=cmd|' /C calc'!A0", "나"],
        notes="첫 줄\n둘째 줄",
        owner="@지우",
        stage_held=2,
    )
    make_entry_point(
        experiment,
        patterns=["train*.py", "[ab].py"],
        args_template="--epochs {epochs}",
        parameters=[{"name": "에폭", "flag": "--epochs", "default": 3}],
        overlap=False,
        gpus=0,
        timeout_s=60,
    )
    make_entry_point(experiment, EntryPointType.INFER, "infer.py", overlap=True)
    make_experiment("empty", path=a_path("empty"), zone=None, task_type="")
    Customer.objects.update(display_name="삼표")


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("resource", [ExperimentResource, EntryPointResource, CustomerResource])
def test_what_was_exported_comes_in_without_a_change(resource: Any, kind: Any) -> None:
    a_registry()
    result = imported(resource, file_of(resource, kind), kind)
    assert result.totals["skip"] == result.total_rows > 0
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
        imported(resource, data, kind)
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
    imported(ExperimentResource, sheet(headers, row, kind=kind), kind)
    assert now() == before.replace("'@지우'", "minsu")


def test_an_empty_cell_of_an_entry_point_leaves_its_field_alone() -> None:
    a_registry()
    headers = ["experiment", "type", "default", "gpus", "overlap", "patterns", "parameters"]
    row = ["sampyo-gimhae-bct", "train", None, 2, None, None, None]
    imported(EntryPointResource, sheet(headers, row, kind=XLSX), XLSX)
    entry_point = EntryPoint.objects.get(type="train")
    assert (entry_point.gpus, entry_point.overlap) == (2, False)
    assert entry_point.default_script == "train.py"
    assert entry_point.patterns == ["train*.py", "[ab].py"]


def test_numbers_of_a_workbook_are_names_again() -> None:
    headers = ["name", "path", "plant", "classes", "stage"]
    row = [7, a_path("7"), 1.0, 3, 2.0]
    imported(ExperimentResource, sheet(headers, row, kind=XLSX), XLSX)
    experiment = Experiment.objects.get(name="7")
    assert experiment.zone is not None
    assert experiment.zone.site.plant == "1"
    assert experiment.classes == ["3"]
    assert experiment.stage_held == 2


def test_a_date_that_the_spreadsheet_made_is_refused() -> None:
    import datetime as dt

    make_experiment(path=a_path())
    data = sheet(["name", "plant"], ["sampyo-gimhae-bct", dt.date(2026, 3, 1)], kind=XLSX)
    assert "made a date" in problems(bring_in(ExperimentResource, data, XLSX))


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
    assert (made.origin, made.by, made.summary) == (ChangeOrigin.SPREADSHEET, jiwoo, "지우.xlsx")
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
    assert result.totals["new"] == 1
    for model in (Experiment, Customer, ChangeSet):
        assert not model._default_manager.exists()


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
    said = problems(result)
    for part in ("outside every root", "climbs with", "no whole number", "not be blank", "twice"):
        assert part in said
    for model in (Experiment, Customer, ChangeSet):
        assert not model._default_manager.exists()


@pytest.mark.parametrize("script", ["../train.py", "/etc/passwd"])
def test_a_script_outside_its_directory_is_refused(script: str) -> None:
    make_experiment(path=a_path())
    data = sheet(["experiment", "type", "default"], ["sampyo-gimhae-bct", "train", script])
    assert "no path inside the experiment" in problems(bring_in(EntryPointResource, data))
    assert not EntryPoint.objects.exists()


@pytest.mark.parametrize(
    ("column", "cell", "says"),
    [
        ("args_template", "--a 'b", "open quote"),
        ("overlap", "maybe", "neither true nor false"),
        ("gpus", "-1", "no whole number"),
        ("timeout_s", "0", "timeout_s"),
        ("patterns", "[a", "no JSON"),
        ("parameters", '[{"name": "x", "flg": 1}]', "not understood"),
        ("parameters", '[{"flag": "--x"}]', "needs a"),
        ("interpreter", "a\x07b", "control characters"),
    ],
)
def test_a_wrong_cell_of_an_entry_point_is_named(column: str, cell: str, says: str) -> None:
    make_experiment(path=a_path())
    data = sheet(["experiment", "type", column], ["sampyo-gimhae-bct", "train", cell])
    said = problems(bring_in(EntryPointResource, data))
    assert says in said
    assert column in said
    assert not EntryPoint.objects.exists()


def test_unknown_headers_are_refused_with_the_nearest_name() -> None:
    make_experiment(path=a_path())
    headers = ["name", "custmer", "xyz", "owner", "owner", ""]
    said = problems(
        bring_in(
            ExperimentResource, sheet(headers, ["sampyo-gimhae-bct", "lotte", "", "a", "b", "c"])
        )
    )
    assert "no column custmer. Did you mean customer?" in said
    assert "no column xyz. Known are" in said
    assert "column owner stands here twice" in said
    assert "cells and no name" in said
    assert Experiment.objects.get().owner == ""


def test_a_sheet_without_its_key_is_refused() -> None:
    said = problems(bring_in(EntryPointResource, sheet(["experiment", "default"], ["a", "b"])))
    assert "column type is missing" in said


def test_blank_rows_and_nameless_blank_columns_are_no_mistake() -> None:
    headers = ["name", "path", None]
    rows = [[None, None, None], ["one", a_path("one"), None], [None, None, None]]
    result = imported(ExperimentResource, sheet(headers, *rows, kind=XLSX), XLSX)  # type: ignore[arg-type]
    assert Experiment.objects.get().name == "one"
    assert result.totals["new"] == 1


def test_names_that_nobody_knows_are_refused_with_the_nearest() -> None:
    make_experiment()
    said = problems(
        bring_in(
            EntryPointResource,
            sheet(["experiment", "type"], ["sampyo-gimhae-bcd", "train"], ["sampyo", "trian"]),
        )
    )
    assert "Did you mean sampyo-gimhae-bct?" in said
    said = problems(
        bring_in(
            ZoneResource,
            sheet(["customer", "region", "plant", "zone"], ["sampyo", "gimhe", "plant1", "x"]),
        )
    )
    assert "Did you mean gimhae · plant1?" in said
    said = problems(
        bring_in(SiteResource, sheet(["customer", "region", "plant"], ["sampo", "", "p"]))
    )
    assert "Did you mean sampyo?" in said


def test_an_entry_point_of_no_known_type_is_refused() -> None:
    make_experiment()
    data = sheet(["experiment", "type"], ["sampyo-gimhae-bct", "trian"])
    assert "trian" in problems(bring_in(EntryPointResource, data))
    assert not EntryPoint.objects.exists()


PAGE = "/admin/registry_app/experiment/import/"
ENGLISH = {"accept-language": "en"}


def upload(client: Client, data: bytes, *, format_: int, resource: int = 0) -> Any:
    name = "sheet.csv" if format_ == 0 else "sheet.xlsx"
    fields = {
        "import_file": SimpleUploadedFile(name, data),
        "format": str(format_),
        "resource": str(resource),
    }
    return client.post(PAGE, fields, headers=ENGLISH)


def confirm(client: Client, page: Any) -> Any:
    form = page.context["confirm_form"]
    fields = {name: form[name].value() or "" for name in form.fields}
    return client.post(
        "/admin/registry_app/experiment/process_import/", fields, headers=ENGLISH, follow=True
    )


@pytest.mark.parametrize("format_", [0, 1])
def test_a_person_exports_edits_and_imports_in_the_browser(client: Client, format_: int) -> None:
    a_registry()
    client.force_login(make_member("PM", "jiwoo"))
    assert client.get("/admin/registry_app/experiment/export/").status_code == 200
    answer = client.post(
        "/admin/registry_app/experiment/export/",
        {"format": str(format_), "resource": "0"},
    )
    kind = FORMATS[format_]
    assert kind is XLSX or answer.content.startswith(b"\xef\xbb\xbf")
    table = kind(encoding="utf-8-sig").create_dataset(answer.content)
    rows = [dict(zip(table.headers, row, strict=True)) for row in table]
    (edited,) = (row for row in rows if row["name"] == "sampyo-gimhae-bct")
    edited["owner"] = "수민"
    data = sheet(list(table.headers), *(list(row.values()) for row in rows), kind=kind)
    page = upload(client, data, format_=format_)
    assert "수민" in re.sub(r"</?(ins|del|span)[^>]*>", "", page.text)
    assert Experiment.objects.get(name="sampyo-gimhae-bct").owner == "@지우"
    done = confirm(client, page)
    assert "0 new, 1 updated" in done.text
    assert Experiment.objects.get(name="sampyo-gimhae-bct").owner == "수민"
    made = ChangeSet.objects.get()
    assert made.by is not None
    assert made.by.username == "jiwoo"
    assert "sheet" in made.summary


def test_entry_points_are_another_sheet_of_the_same_page(client: Client) -> None:
    a_registry()
    client.force_login(make_member("PM", "jiwoo"))
    answer = client.post("/admin/registry_app/experiment/export/", {"format": "0", "resource": "1"})
    assert "infer.py" in answer.content.decode()
    data = sheet(["experiment", "type", "gpus"], ["sampyo-gimhae-bct", "infer", "3"])
    confirm(client, upload(client, data, format_=0, resource=1))
    assert EntryPoint.objects.get(type="infer").gpus == 3


def test_a_wrong_sheet_is_shown_as_text_and_cannot_be_confirmed(client: Client) -> None:
    client.force_login(make_member("PM", "jiwoo"))
    hostile = "<img src=x onerror=alert(1)>"
    page = upload(client, sheet(["name", "path"], [hostile, "/etc"]), format_=0)
    assert "confirm_form" not in page.context
    assert "outside every root" in page.text
    assert hostile not in page.text
    page = upload(client, sheet(["name", hostile], ["x", "y"]), format_=0)
    assert "There is no column" in page.text
    assert hostile not in page.text


def test_a_sheet_that_became_wrong_after_its_preview_says_so(client: Client) -> None:
    make_experiment(path=a_path())
    client.force_login(make_member("PM", "jiwoo"))
    data = sheet(["experiment", "type", "default"], ["sampyo-gimhae-bct", "train", "a.py"])
    page = upload(client, data, format_=0, resource=1)
    Experiment.objects.all().delete()
    assert "Nothing was imported" in confirm(client, page).text


def test_who_may_not_curate_may_not_import(client: Client) -> None:
    client.force_login(make_member("Viewer", "sora"))
    assert client.get(PAGE).status_code == 403
