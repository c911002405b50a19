"""A spreadsheet goes out and in through the browser."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from import_export.formats.base_formats import XLSX

from registry_app.admin.sheet_form import MAX_BYTES, MAX_UNPACKED_BYTES
from registry_app.models import (
    ChangeSet,
    EntryPoint,
    Experiment,
)
from tests.factories import make_experiment, make_member
from tests.registry_app.sheets import (
    FORMATS,
    a_path,
    a_registry,
    problems,
    sheet,
)

pytestmark = pytest.mark.django_db
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


@pytest.mark.parametrize("format_", [0, 1])
@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"PK\x03\x04broken", b"\n\n"])
def test_what_is_no_sheet_is_refused(client: Client, data: bytes, format_: int) -> None:
    client.force_login(make_member("PM", "jiwoo"))
    page = upload(client, data, format_=format_)
    assert page.status_code == 200
    assert page.context["form"].errors or problems(page.context["result"])
    assert "confirm_form" not in page.context


def a_bomb() -> bytes:
    """A workbook of a few kilobytes that unpacks to more than anybody wants."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as workbook:
        workbook.writestr("xl/worksheets/sheet1.xml", b" " * (MAX_UNPACKED_BYTES + 1))
    return file.getvalue()


@pytest.mark.parametrize("make", [lambda: b"name\n" + b"x" * MAX_BYTES, a_bomb])
def test_a_file_that_is_too_large_is_refused_unread(
    client: Client, make: Callable[[], bytes]
) -> None:
    client.force_login(make_member("PM", "jiwoo"))
    page = upload(client, make(), format_=1)
    assert "This file is too large" in page.text
    assert "result" not in page.context
