"""A spreadsheet goes out and in through the browser."""

from __future__ import annotations

import html
import os
import tempfile
import time
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from import_export.formats.base_formats import XLSX

from registry_app.choices import ChangeOrigin
from registry_app.imports import held_files
from registry_app.models import ChangeSet, Customer, EntryPoint, Experiment, ImportJob
from registry_app.resources.sheet_files import MAX_BYTES, MAX_UNPACKED_BYTES
from tests.factories import make_experiment, make_member
from tests.registry_app.sheets import FORMATS, a_path, a_registry, sheet

pytestmark = pytest.mark.django_db
PAGE = "/admin/registry_app/experiment/import-spreadsheet/"
CONFIRM = "/admin/registry_app/experiment/process_import/"
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def jiwoo(client: Client) -> Client:
    client.force_login(make_member("PM", "jiwoo"))
    return client


def upload(client: Client, data: bytes, kind: str = "experiments", name: str = "sheet.csv") -> Any:
    fields = {"file": SimpleUploadedFile(name, data), "kind": kind}
    return client.post(PAGE, fields, headers=ENGLISH)


def confirm(client: Client, page: Any) -> Any:
    assert page.context["confirm_address"] == CONFIRM
    return client.post(CONFIRM, {"confirm": page.context["token"]}, headers=ENGLISH, follow=True)


@pytest.mark.parametrize("format_", [0, 1])
def test_a_person_exports_edits_and_imports_in_the_browser(jiwoo: Client, format_: int) -> None:
    a_registry()
    assert jiwoo.get("/admin/registry_app/experiment/export/").status_code == 200
    answer = jiwoo.post(
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
    page = upload(jiwoo, data)
    assert '<span class="gf-old">@지우</span>' in page.text
    assert '<span class="gf-new">수민</span>' in page.text
    assert Experiment.objects.get(name="sampyo-gimhae-bct").owner == "@지우"
    done = confirm(jiwoo, page)
    assert "1 experiment was imported" in done.text
    assert Experiment.objects.get(name="sampyo-gimhae-bct").owner == "수민"
    made = ChangeSet.objects.get()
    assert made.origin == ChangeOrigin.SPREADSHEET
    assert made.by is not None
    assert made.by.username == "jiwoo"
    assert str(made.summary) == "sheet.csv"


def test_entry_points_are_another_sheet_of_the_same_page(jiwoo: Client) -> None:
    a_registry()
    answer = jiwoo.post("/admin/registry_app/experiment/export/", {"format": "0", "resource": "1"})
    assert "infer.py" in answer.content.decode()
    data = sheet(["experiment", "type", "gpus"], ["sampyo-gimhae-bct", "infer", "3"])
    confirm(jiwoo, upload(jiwoo, data, "entry_points"))
    assert EntryPoint.objects.get(type="infer").gpus == 3


def test_a_sheet_of_korean_excel_is_previewed_with_names_values_and_totals(jiwoo: Client) -> None:
    make_experiment(path=a_path(), owner="민수")
    text = "실험명;담당자\r\nsampyo-gimhae-bct;수민\r\n"
    fields = {"import_file": SimpleUploadedFile("현장.csv", text.encode("cp949"))}
    address = reverse("admin:registry_app_experiment_import")
    assert 'name="import_file"' in jiwoo.get(address).text
    page = jiwoo.post(address, {**fields, "kind": "experiments"}, headers={"accept-language": "ko"})
    for shown in ("CP949", "담당자", "민수", "수민", "변경"):
        assert shown in page.text
    assert "1 experiment was imported" in confirm(jiwoo, page).text
    assert Experiment.objects.get().owner == "수민"


def test_the_address_of_a_confirmation_only_takes_one(jiwoo: Client) -> None:
    assert jiwoo.get(CONFIRM)["Location"] == PAGE


def test_new_customers_are_shown_and_made(jiwoo: Client) -> None:
    Customer.objects.create(name="sampyo")
    rows = [["lotte", ""], ["sampyo", "삼표"], ["hanil", "한일"]]
    page = upload(jiwoo, sheet(["name", "display_name"], *rows), "customers")
    assert [(row.name, row.word) for row in page.context["rows"]] == [
        ("hanil", "new"), ("sampyo", "changed"), ("lotte", "new"),
    ]  # fmt: skip
    assert "3 places were imported" in confirm(jiwoo, page).text
    names = dict(Customer.objects.values_list("name", "display_name"))
    assert names == {"lotte": "", "sampyo": "삼표", "hanil": "한일"}


def test_a_wrong_sheet_is_shown_as_text_with_row_and_column(jiwoo: Client) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    rows = [["good", a_path("good"), ""], [hostile, "/etc", "nine"]]
    page = upload(jiwoo, sheet(["name", "path", "stage"], *rows))
    assert page.status_code == 200
    assert "token" not in page.context
    output = [(problem.line, problem.column) for problem in page.context["preview"].problems]
    assert output == [(3, "stage"), (3, "path")]
    assert "outside every root" in page.text
    assert hostile not in page.text
    page = upload(jiwoo, sheet(["name", hostile], ["x", "y"]))
    assert "There is no column" in html.unescape(page.text)
    assert hostile not in page.text


def test_a_sheet_that_became_wrong_after_its_preview_says_so(jiwoo: Client) -> None:
    make_experiment(path=a_path())
    data = sheet(["experiment", "type", "default"], ["sampyo-gimhae-bct", "train", "a.py"])
    page = upload(jiwoo, data, "entry_points")
    Experiment.objects.all().delete()
    answer = confirm(jiwoo, page)
    assert answer.status_code == 200
    assert "There is no experiment sampyo-gimhae-bct" in html.unescape(answer.text)


def test_who_may_not_curate_may_not_import(client: Client) -> None:
    client.force_login(make_member("Viewer", "sora"))
    assert client.get(PAGE).status_code == 403
    assert upload(client, sheet(["name", "path"], ["new", a_path("new")])).status_code == 403
    assert not ImportJob.objects.exists()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temporary folder of the system, which other processes use as well, as it is without."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_no_address_takes_the_name_of_a_file_from_the_browser(
    jiwoo: Client, temporary: Path
) -> None:
    """Confirming names a signed note; the library's own way named a file that was then removed."""
    bait = temporary / "guardianflow-bait.csv"
    bait.write_bytes(sheet(["name", "path"], ["bait", a_path("bait")]))
    fields = {"import_file_name": bait.name, "original_file_name": "x.csv", "format": "0"}
    for address in ("process_import/", "import/"):
        jiwoo.post(f"/admin/registry_app/experiment/{address}", fields)
    jiwoo.post(PAGE, {"confirm": bait.name, **fields})
    assert bait.exists()
    assert not Experiment.objects.exists()


def test_nothing_of_an_upload_lies_in_the_folder_of_the_system(
    jiwoo: Client, temporary: Path
) -> None:
    before = set(os.listdir(temporary))
    upload(jiwoo, sheet(["name", "path"], ["new", a_path("new")]))
    new = set(os.listdir(temporary)) - before
    assert not [name for name in new if name.endswith((".csv", ".upload"))]


def test_a_preview_that_was_never_confirmed_goes_with_the_next_upload(jiwoo: Client) -> None:
    page = upload(jiwoo, sheet(["name", "path"], ["never-confirmed", a_path("never-confirmed")]))
    folder = Path(settings.SPOOL_DIR) / "registry-files"
    (old,) = (path for path in folder.iterdir() if b"never-confirmed" in path.read_bytes())
    yesterday = time.time() - held_files.KEPT_S - 1
    os.utime(old, (yesterday, yesterday))
    upload(jiwoo, sheet(["name", "path"], ["other", a_path("other")]))
    assert not old.exists()
    assert "too old" in confirm(jiwoo, page).text


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"PK\x03\x04broken", b"\n\n"])
def test_what_is_no_sheet_is_refused(jiwoo: Client, data: bytes) -> None:
    page = upload(jiwoo, data, name="sheet.xlsx")
    assert page.status_code == 200
    assert page.context["preview"].problems
    assert "token" not in page.context


def a_bomb() -> bytes:
    """A workbook of a few kilobytes that unpacks to gigabytes."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as workbook:
        workbook.writestr("xl/worksheets/sheet1.xml", b" " * (MAX_UNPACKED_BYTES + 1))
    return file.getvalue()


@pytest.mark.parametrize("make", [lambda: b"name\n" + b"x" * MAX_BYTES, a_bomb])
def test_a_file_that_is_too_large_is_refused_unread(
    jiwoo: Client, make: Callable[[], bytes]
) -> None:
    page = upload(jiwoo, make())
    assert page.status_code == 200
    assert "large" in page.text
    assert not ImportJob.objects.exists()


def test_an_unknown_kind_is_refused(jiwoo: Client) -> None:
    page = upload(jiwoo, sheet(["name", "path"], ["new", a_path("new")]), "registry")
    assert page.status_code == 200
    assert "Choose what the rows" in page.text
