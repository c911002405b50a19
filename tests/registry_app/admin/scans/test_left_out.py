"""The page of a scan lists what was left out; PMs add it, never list it, and take both back."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from registry_app.choices import ChildDecision
from registry_app.findings.left_out import keep
from registry_app.models import LeftOutChild, ScanDecision, ScanJob
from registry_app.scan.left_out import LeftOut
from registry_app.scan.run import ScanResult
from registry_app.texts import left_out
from tests.factories import make_member

pytestmark = pytest.mark.django_db
LIST = "/admin/registry_app/scanjob/left-out/"
OLD_STYLE = {"created": 1}


@pytest.fixture
def root(tmp_path: Path, settings: Settings) -> Path:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    (tmp_path / "empty").mkdir()
    return tmp_path


@pytest.fixture
def jiwoo(client: Client) -> Client:
    client.force_login(make_member("PM", "jiwoo"))
    return client


def leave_out(root: Path, *, pictures: int = 1) -> ScanJob:
    """Store the list of a scan: an empty folder and some pictures; return its job."""
    left = [LeftOut(path=root / "empty", reason=left_out.EMPTY())]
    left += [
        LeftOut(path=root / f"{number:04}.jpg", reason=left_out.NO_FOLDER())
        for number in range(pictures)
    ]
    keep(ScanResult(roots=(root,)), left)
    counts = {"left_out_no_folder": pictures, "left_out_empty": 1}
    return ScanJob.objects.create(
        finished_at=timezone.now(),
        summary={"left_out": len(left), "left_out_reasons": counts},
    )


def page_of(job: ScanJob) -> str:
    return f"/admin/registry_app/scanjob/{job.pk}/change/"


def test_the_page_of_a_scan_lists_each_child_with_its_reason(jiwoo: Client, root: Path) -> None:
    text = jiwoo.get(page_of(leave_out(root))).text
    assert "an empty folder 1" in text
    assert "0000.jpg" in text
    assert text.count('value="never"') == 2
    assert text.count('value="add"') == 1  # a file cannot become an experiment


def test_a_person_adds_and_takes_back_on_the_page_of_the_scan(jiwoo: Client, root: Path) -> None:
    job = leave_out(root)
    child = LeftOutChild.objects.get(code="left_out_empty")
    answer = jiwoo.post(f"{LIST}{child.pk}/?scan={job.pk}", {"decision": "add"})
    assert answer["Location"] == f"{page_of(job)}#left-out"
    row = ScanDecision.objects.get()
    assert (row.path, row.decision, str(row.by)) == (str(root / "empty"), "add", "jiwoo")
    text = jiwoo.get(page_of(job)).text
    assert "The next scan drafts an experiment for empty." in text
    assert "drafted by the next scan" in text
    jiwoo.post(f"{LIST}decided/{row.pk}/?scan={job.pk}")
    assert not ScanDecision.objects.exists()
    assert 'value="add"' in jiwoo.get(page_of(job)).text


def test_never_moves_a_child_to_the_list_of_decisions(jiwoo: Client, root: Path) -> None:
    leave_out(root)
    child = LeftOutChild.objects.get(code="left_out_no_folder")
    answer = jiwoo.post(f"{LIST}{child.pk}/?reason=left_out_no_folder", {"decision": "never"})
    assert answer["Location"] == f"{LIST}?reason=left_out_no_folder"
    assert "0000.jpg</th>" not in jiwoo.get(LIST).text.replace("<br>", "</th>")
    text = jiwoo.get(f"{LIST}?show=decided").text
    assert "0000.jpg" in text
    assert "jiwoo" in text
    assert "Take back" in text


def test_a_refusal_is_said_and_writes_nothing(jiwoo: Client, root: Path) -> None:
    leave_out(root)
    child = LeftOutChild.objects.get(code="left_out_no_folder")
    (root / "0000.jpg").touch()
    answer = jiwoo.post(f"{LIST}{child.pk}/", {"decision": "add"}, follow=True)
    assert "cannot be added: not a folder" in answer.text
    jiwoo.post(f"{LIST}{child.pk}/", {"decision": "nonsense"})
    assert "a later scan" in jiwoo.post(f"{LIST}999/", {"decision": "add"}, follow=True).text
    assert jiwoo.post(f"{LIST}decided/999/").status_code == 404
    assert not ScanDecision.objects.exists()


def test_viewers_see_the_list_without_buttons_and_decide_nothing(
    client: Client, root: Path
) -> None:
    client.force_login(make_member("Viewer"))
    job = leave_out(root)
    decision = ScanDecision.objects.create(path="/x/y", decision=ChildDecision.NEVER)
    for address in (page_of(job), LIST, f"{LIST}?show=decided"):
        text = client.get(address).text
        assert 'name="decision"' not in text
        assert "Take back" not in text
    child = LeftOutChild.objects.first()
    assert child is not None
    assert client.post(f"{LIST}{child.pk}/", {"decision": "never"}).status_code == 403
    assert client.post(f"{LIST}decided/{decision.pk}/").status_code == 403
    assert ScanDecision.objects.get() == decision


def test_an_earlier_scan_has_its_counts_and_the_way_to_the_list(jiwoo: Client, root: Path) -> None:
    earlier, now = leave_out(root), leave_out(root)
    text = jiwoo.get(page_of(earlier)).text
    assert "What the last scan left out" in text
    assert "0000.jpg" not in text
    assert "0000.jpg" in jiwoo.get(page_of(now)).text


def test_scans_without_such_a_list_show_none(jiwoo: Client) -> None:
    running = ScanJob.objects.create(started_at=timezone.now())
    of_an_older_version = ScanJob.objects.create(finished_at=timezone.now(), summary=OLD_STYLE)
    for job in (running, of_an_older_version):
        assert 'id="left-out"' not in jiwoo.get(page_of(job)).text


def test_nothing_left_out_is_said(jiwoo: Client, root: Path) -> None:
    job = leave_out(root)
    LeftOutChild.objects.all().delete()
    assert "Nothing is left out." in jiwoo.get(page_of(job)).text
    assert "Nothing is left out." in jiwoo.get(LIST).text
    assert "Nothing was decided yet." in jiwoo.get(f"{LIST}?show=decided").text


def test_five_thousand_children_are_paged_within_twelve_queries(
    jiwoo: Client, root: Path, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    job = leave_out(root, pictures=5000)
    for address in (page_of(job), f"{LIST}?page=51", f"{LIST}?show=decided", f"{LIST}?page=x"):
        with django_assert_max_num_queries(12):
            answer = jiwoo.get(address)
        assert answer.status_code == 200
        assert answer.text.count('value="never"') <= 100
    assert "Show all 5001" in jiwoo.get(page_of(job)).text
    assert "empty" in jiwoo.get(f"{LIST}?page=51").text


def test_names_are_shown_as_text(jiwoo: Client, root: Path) -> None:
    hostile = "<img src=x onerror=alert(1)>\u202egpj"
    keep(ScanResult(roots=(root,)), [LeftOut(path=root / hostile, reason=left_out.NO_FOLDER())])
    text = jiwoo.get(LIST).text
    assert "<img src=x" not in text
    assert "\u202e" not in text
