"""A scan is asked for in the browser and followed there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from registry_app.messages import plain
from registry_app.models import ScanJob
from tests.factories import make_member

pytestmark = pytest.mark.django_db
ADD = "/admin/registry_app/scanjob/add/"


@pytest.fixture
def jiwoo(client: Client) -> Client:
    client.force_login(make_member("PM", "jiwoo"))
    return client


def test_asking_queues_one_scan_and_leads_to_its_page(
    jiwoo: Client, django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        answer = jiwoo.post(ADD)
    job = ScanJob.objects.get()
    assert job.requested_by is not None
    assert answer["Location"] == f"/admin/registry_app/scanjob/{job.pk}/change/"
    message = OrmQ.objects.get().task
    assert (message["func"], message["args"]) == ("runs_app.tasks.scan", (job.pk,))


def test_asking_twice_waits_for_the_same_scan(jiwoo: Client) -> None:
    jiwoo.post(ADD)
    jiwoo.post(ADD)
    assert ScanJob.objects.count() == 1


def test_looking_at_the_button_scans_nothing(jiwoo: Client) -> None:
    assert jiwoo.get(ADD).status_code == 200
    assert jiwoo.get("/admin/registry_app/experiment/scan-now/")["Location"] == ADD
    assert not ScanJob.objects.exists()


def test_progress_can_be_followed(jiwoo: Client) -> None:
    job = ScanJob.objects.create(
        started_at=timezone.now(), done=3, total=12, current="sampyo-gimhae-bct"
    )
    answer = jiwoo.get(f"/admin/registry_app/scanjob/{job.pk}/progress/")
    assert "no-store" in answer["Cache-Control"]
    output = answer.json()
    assert (output["done"], output["total"], output["finished"]) == (3, 12, False)
    assert not output["waits_long"]


def test_a_scan_that_no_worker_takes_asks_for_a_worker(jiwoo: Client) -> None:
    job = ScanJob.objects.create()
    progress = f"/admin/registry_app/scanjob/{job.pk}/progress/"
    assert not jiwoo.get(progress).json()["waits_long"]
    ScanJob.objects.update(requested_at=timezone.now() - timedelta(minutes=1))
    assert jiwoo.get(progress).json()["waits_long"]
    assert "guardianflow worker" in jiwoo.get(f"/admin/registry_app/scanjob/{job.pk}/change/").text


def test_a_finished_scan_says_what_it_found_as_text(jiwoo: Client) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    job = ScanJob.objects.create(
        finished_at=timezone.now(),
        summary={"created": 41, "warnings": [["text", hostile]]},
        error=plain(hostile),
    )
    text = jiwoo.get(f"/admin/registry_app/scanjob/{job.pk}/change/").text
    assert "<strong>41</strong>" in text
    assert hostile not in text


def test_viewers_follow_but_do_not_ask(client: Client) -> None:
    client.force_login(make_member("Viewer"))
    job = ScanJob.objects.create()
    assert client.get(f"/admin/registry_app/scanjob/{job.pk}/progress/").status_code == 200
    assert client.post(ADD).status_code == 403


def test_the_progress_of_a_scan_that_failed_says_why(jiwoo: Client) -> None:
    now = timezone.now()
    job = ScanJob.objects.create(started_at=now, finished_at=now, error=plain("the disk is full"))
    output = jiwoo.get(f"/admin/registry_app/scanjob/{job.pk}/progress/").json()
    assert (output["finished"], output["error"]) == (True, "the disk is full")


def test_an_empty_list_says_where_scans_of_a_terminal_are(jiwoo: Client) -> None:
    page = jiwoo.get("/admin/registry_app/scanjob/", headers={"accept-language": "ko"}).text
    assert "포털에서 시작한 스캔이 여기에 나옵니다." in page
    for address in ("scanjob/left-out/", "scanjob/hit-rates/", "changeset/", "scanjob/add/"):
        assert f'class="gf-button" href="/admin/registry_app/{address}"' in page
    ScanJob.objects.create()
    assert "started in the portal are listed" not in jiwoo.get("/admin/registry_app/scanjob/").text
