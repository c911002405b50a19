"""Files of a run: only copies in its folder, and none that could run in a browser."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from runs_app.choices import RunStatus
from runs_app.models import Run, RunFile
from runs_app.records.kept_file import open_inside
from runs_app.records.preview import kind_of
from tests.factories import make_experiment, make_member, make_run
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(home: Home) -> Run:
    run = make_run(make_experiment(), RunStatus.SUCCEEDED)
    (run.folder / "outputs").mkdir(parents=True)
    return run


@pytest.fixture
def browser(client: Client) -> Client:
    client.force_login(make_member("Viewer"))
    return client


def keep(run: Run, path: str, data: bytes = b"", *, kept: str | None = None) -> str:
    """A file of the run; returns its address."""
    if kept is None:
        kept = f"outputs/{path}"
        (run.folder / kept).write_bytes(data)
    row = RunFile.objects.create(
        run=run, path=path, change="created", size_bytes=len(data), kept=kept
    )
    return f"/admin/runs_app/run/{run.pk}/files/{row.pk}/"


def body_of(answer: Any) -> bytes:
    """What a browser receives; the test client closes the file at the end of it.

    Closing it once more would close the database, too, as the end of any request does.
    """
    return b"".join(answer.streaming_content)


def test_file_is_downloaded_under_its_name_and_never_opened(browser: Client, run: Run) -> None:
    answer = browser.get(keep(run, "page.html", b"<script>alert(1)</script>") + "raw/")
    assert body_of(answer) == b"<script>alert(1)</script>"
    assert answer["Content-Disposition"] == 'attachment; filename="page.html"'
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox")


def test_picture_is_shown_with_the_type_of_its_name(browser: Client, run: Run) -> None:
    address = keep(run, "matrix.png", b"<html><script>alert(1)</script>")
    answer = browser.get(address + "picture/")
    assert body_of(answer).startswith(b"<html>")
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert f'src="{address}picture/"' in browser.get(address).content.decode()


@pytest.mark.parametrize("path", ["drawing.svg", "page.html", "results.csv", "best.pt"])
def test_only_pictures_are_shown_as_pictures(browser: Client, run: Run, path: str) -> None:
    assert browser.get(keep(run, path, b"<svg onload=alert(1)>") + "picture/").status_code == 404


def test_table_is_shown_as_escaped_cells(browser: Client, run: Run) -> None:
    rows = "epoch,  metrics/mAP50(B)\n1,<script>alert(1)</script>\n2,0.5\n3,"
    page = browser.get(keep(run, "results.csv", rows.encode())).content.decode()
    assert "<th>metrics/mAP50(B)</th>" in page
    assert "<td>&lt;script&gt;alert(1)&lt;/script&gt;</td>" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe\x00,1\n", b'"' + b"x" * 300_000, b"a,b\n" * 5000, b"\0\0\0"]
)
def test_odd_tables_are_shown_as_far_as_they_go(browser: Client, run: Run, data: bytes) -> None:
    assert browser.get(keep(run, "odd.csv", data)).status_code == 200


def test_html_is_shown_as_text(browser: Client, run: Run) -> None:
    page = browser.get(keep(run, "report.html", b"<script>alert(1)</script>")).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_large_text_is_cut(browser: Client, run: Run) -> None:
    page = browser.get(keep(run, "all.log", b"line\n" * 200_000))
    assert len(page.content) < 400_000
    assert "Only the beginning is shown" in page.content.decode()


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "../../secret",
        "outputs/../../secret",
        "/etc/passwd",
        "outputs",
        "outputs/link.csv",
        "linked/secret",
        "spec\0.json",
        "outputs/gone.csv",
    ],
)
def test_row_that_leads_elsewhere_has_no_copy(browser: Client, run: Run, kept: str) -> None:
    outside = run.folder.parent.parent
    (outside / "secret").write_text("secret", encoding="utf-8")
    (run.folder / "outputs" / "link.csv").symlink_to(outside / "secret")
    (run.folder / "linked").symlink_to(outside)
    with pytest.raises(FileNotFoundError):
        open_inside(run.folder, kept)
    address = keep(run, "results.csv", kept=kept.replace("\0", ""))
    for view in ("", "raw/"):
        assert browser.get(address + view).status_code == 404


def test_run_folder_behind_a_link_is_fine(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "stdout.log").write_bytes(b"1")
    (tmp_path / "home").symlink_to(tmp_path / "real")
    with open_inside(tmp_path / "home", "stdout.log") as file:
        assert file.read() == b"1"


def test_file_of_another_run_is_not_found(browser: Client, run: Run) -> None:
    other = make_run(run.experiment, RunStatus.SUCCEEDED)
    address = keep(run, "results.csv", b"1").replace(f"/{run.pk}/", f"/{other.pk}/", 1)
    assert browser.get(address).status_code == 404


def test_hostile_names_cannot_steer_the_header(browser: Client, run: Run) -> None:
    name = 'a"\r\nSet-Cookie: x=1.csv'
    address = keep(run, name, kept="outputs/plain.csv")
    (run.folder / "outputs" / "plain.csv").write_bytes(b"1")
    answer = browser.get(address + "raw/")
    assert body_of(answer) == b"1"
    assert "Set-Cookie" not in answer.headers
    assert "\n" not in answer["Content-Disposition"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("runs/exp/confusion_matrix.PNG", "image"),
        ("results.csv", "table"),
        ("opt.yaml", "text"),
        ("drawing.svg", ""),
        ("best.pt", ""),
        ("png", ""),
    ],
)
def test_kind_follows_from_the_name(path: str, kind: str) -> None:
    assert kind_of(path) == kind


def test_records_of_the_run_folder_are_downloaded(browser: Client, run: Run) -> None:
    (run.folder / "files.csv").write_bytes(b"path,change\n")
    answer = browser.get(f"/admin/runs_app/run/{run.pk}/records/files.csv")
    assert body_of(answer) == b"path,change\n"
    assert f"run-{run.pk}-files.csv" in answer["Content-Disposition"]


@pytest.mark.parametrize("name", ["spec.json", "source.tar.gz", "exit.json", "stdout.log"])
def test_nothing_else_of_the_folder_is_a_record(browser: Client, run: Run, name: str) -> None:
    (run.folder / "spec.json").write_bytes(b"{}")
    (run.folder / "stdout.log").write_bytes(b"log")
    assert browser.get(f"/admin/runs_app/run/{run.pk}/records/{name}").status_code == 404


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("curve.png", b"\x89PNG", "This image is corrupt or truncated"),
        ("metrics.json", b'{"mAP":\n', "This file is not valid JSON: line 2."),
        ("results.csv", b"epoch,mAP\n1,\0", "This table cannot be read to its end: line 2."),
    ],
)
def test_preview_of_a_damaged_file_says_so(
    browser: Client, run: Run, name: str, data: bytes, told: str
) -> None:
    assert told in browser.get(keep(run, name, data)).content.decode()


def test_json_has_a_line_for_each_value_and_numbers_as_written(browser: Client, run: Run) -> None:
    address = keep(run, "metrics.json", b'{"mAP50":1.00e-1,"classes":["helmet",[]],"n":{}}')
    text = html.unescape(browser.get(address).content.decode())
    assert (
        '{\n  "mAP50": 1.00e-1,\n  "classes": [\n    "helmet",\n    []\n  ],\n  "n": {}\n}' in text
    )


@pytest.mark.parametrize("text", ["{broken", "[" * 5000, "[" * 900 + "]" * 900])
def test_json_that_cannot_be_set_out_is_shown_as_it_is(
    browser: Client, run: Run, text: str
) -> None:
    assert browser.get(keep(run, "metrics.json", text.encode())).status_code == 200


def test_weights_are_downloaded_under_the_name_of_their_run(browser: Client, run: Run) -> None:
    answer = browser.get(keep(run, "best.pt", b"weights") + "raw/")
    assert body_of(answer) == b"weights"
    name = f"{run.experiment.name}-{run.pk}-best.pt"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
