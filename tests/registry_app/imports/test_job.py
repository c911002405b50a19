"""A large import is planned, confirmed and applied by a worker, or fails when workers die."""

from __future__ import annotations

import dataclasses
import html
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from registry_app.choices import ChangeOrigin, ImportState
from registry_app.imports import held_files, uploaded
from registry_app.imports import job as import_job
from registry_app.imports.job import MAX_ATTEMPTS, run_import_job
from registry_app.imports.preview import MAX_SHOWN
from registry_app.imports.uploaded import apply_planned
from registry_app.models import ChangeSet, Experiment, ImportJob
from tests.factories import make_experiment, make_member
from tests.registry_app.sheets import a_path, sheet

pytestmark = pytest.mark.django_db
FORM = "/admin/registry_app/experiment/import-spreadsheet/"
YAML = "/admin/registry_app/experiment/import-yaml/"
ENGLISH = {"accept-language": "en"}


def a_sheet(count: int = 2) -> bytes:
    return sheet(["name", "path"], *([f"e{n}", a_path(f"e{n}")] for n in range(count)))


@pytest.fixture
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every file be one that a worker plans."""
    monkeypatch.setattr(uploaded, "LARGE_BYTES", {False: 0, True: 0})


@pytest.fixture
def jiwoo(client: Client, small_is_large: None) -> Client:
    client.force_login(make_member("PM", "jiwoo"))
    return client


def upload(client: Client, data: bytes, page: str = FORM) -> ImportJob:
    fields = {"file": SimpleUploadedFile("sheet.csv", data), "kind": "experiments"}
    answer = client.post(page, fields, headers=ENGLISH)
    job = ImportJob.objects.get()
    assert answer["Location"] == page_of(job)
    return job


def page_of(job: ImportJob) -> str:
    return f"/admin/registry_app/experiment/imports/{job.pk}/"


def look(client: Client, job: ImportJob) -> str:
    return html.unescape(client.get(page_of(job), headers=ENGLISH).text)


def state_of(job: ImportJob) -> str:
    job.refresh_from_db()
    return job.state


def test_a_large_file_is_planned_shown_confirmed_and_applied(jiwoo: Client) -> None:
    job = upload(jiwoo, a_sheet())
    assert state_of(job) == ImportState.QUEUED
    run_import_job(job.pk)
    assert state_of(job) == ImportState.PLANNED
    assert not Experiment.objects.exists()
    text = look(jiwoo, job)
    assert "Apply these changes" in text
    assert f'<span class="gf-new">{a_path("e0")}</span>' in text
    jiwoo.post(page_of(job), {"apply": ""})
    assert state_of(job) == ImportState.CONFIRMED
    run_import_job(job.pk)
    assert state_of(job) == ImportState.APPLIED
    made = ChangeSet.objects.get()
    assert (made.origin, str(made.summary)) == (ChangeOrigin.SPREADSHEET, "sheet.csv")
    assert made.by == job.requested_by
    assert job.change_set == made
    assert Experiment.objects.count() == 2
    assert f"/admin/registry_app/changeset/{made.pk}/change/" in look(jiwoo, job)


def test_a_registry_file_goes_the_same_way(jiwoo: Client) -> None:
    job = upload(jiwoo, f"experiments:\n  bct:\n    path: {a_path('bct')}\n".encode(), YAML)
    run_import_job(job.pk)
    jiwoo.post(page_of(job), {"apply": ""})
    run_import_job(job.pk)
    assert ChangeSet.objects.get().origin == ChangeOrigin.IMPORT
    assert Experiment.objects.get().name == "bct"


def test_a_worker_is_asked_for_each_step(
    jiwoo: Client, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = upload(jiwoo, a_sheet())
    run_import_job(job.pk)
    with django_capture_on_commit_callbacks(execute=True):
        jiwoo.post(page_of(job), {"apply": ""})
    reported = [(row.task["func"], row.task["args"]) for row in OrmQ.objects.all()]
    assert reported == [("runs_app.tasks.import_files", (job.pk,))] * 2


def test_progress_can_be_followed_and_asks_for_a_worker(jiwoo: Client) -> None:
    job = upload(jiwoo, a_sheet())
    progress = f"{page_of(job)}progress/"
    assert not jiwoo.get(progress).json()["waits_long"]
    ImportJob.objects.update(state_at=timezone.now() - timedelta(minutes=1), done=3, total=9)
    output = jiwoo.get(progress).json()
    assert (output["done"], output["total"], output["finished"], output["waits_long"]) == (
        3,
        9,
        False,
        True,
    )
    assert "guardianflow worker" in look(jiwoo, job)
    run_import_job(job.pk)
    output = jiwoo.get(progress).json()
    assert (output["done"], output["total"], output["finished"]) == (2, 2, True)


def test_problems_found_by_an_english_worker_are_read_in_korean(jiwoo: Client) -> None:
    data = sheet(["name", "path", "stage"], ["a", "/etc", ""], ["b", "/etc/x", "아홉"])
    job = upload(jiwoo, data)
    run_import_job(job.pk)
    assert state_of(job) == ImportState.REFUSED
    found = job.preview["problems"]
    assert [(row["line"], row["message"][0]) for row in found] == [
        (2, "path_outside"),
        (3, "cell_no_number"),
        (3, "path_outside"),
    ]
    page = html.unescape(jiwoo.get(page_of(job), headers={"accept-language": "ko"}).text)
    assert "a: /etc 경로가 모든 루트" in page
    assert "outside every root" not in page
    assert "outside every root" in look(jiwoo, job)


def test_a_preview_of_an_earlier_version_shows_its_sentences(jiwoo: Client) -> None:
    job = upload(jiwoo, sheet(["name", "path"], ["a", "/etc"]))
    run_import_job(job.pk)
    job.refresh_from_db()
    job.preview["problems"] = [{"message": "a: 루트 밖의 경로입니다.", "line": 2, "column": "path"}]
    job.save()
    assert "a: 루트 밖의 경로입니다." in look(jiwoo, job)


@pytest.mark.proof
def test_a_large_preview_is_a_small_page_with_whole_numbers(jiwoo: Client) -> None:
    job = upload(jiwoo, a_sheet(1500))
    run_import_job(job.pk)
    answer = jiwoo.get(page_of(job), headers=ENGLISH)
    assert "<strong>1500</strong>" in answer.text
    assert f"{1500 - MAX_SHOWN} more rows change" in answer.text
    assert len(answer.content) < 300_000


def test_rows_that_changed_meanwhile_are_not_overwritten(jiwoo: Client) -> None:
    job = upload(jiwoo, a_sheet())
    run_import_job(job.pk)
    make_experiment("e0", path=a_path("e0"), owner="minsu")
    jiwoo.post(page_of(job), {"apply": ""})
    run_import_job(job.pk)
    assert state_of(job) == ImportState.FAILED
    assert "changed after this preview" in look(jiwoo, job)
    jiwoo.post(page_of(job), {"again": ""})
    run_import_job(job.pk)
    assert state_of(job) == ImportState.PLANNED
    assert job.preview["counts"]["create"] == 1


def test_confirming_twice_applies_once(jiwoo: Client) -> None:
    job = upload(jiwoo, a_sheet())
    run_import_job(job.pk)
    jiwoo.post(page_of(job), {"apply": ""})
    answer = jiwoo.post(page_of(job), {"apply": ""}, follow=True, headers=ENGLISH)
    assert "answered already" in answer.text
    for _again in range(3):
        run_import_job(job.pk)
    assert ChangeSet.objects.count() == 1


def test_a_worker_that_died_leaves_its_step_to_the_next(jiwoo: Client) -> None:
    job = upload(jiwoo, a_sheet())
    ImportJob.objects.update(state=ImportState.PLANNING, attempts=1)
    run_import_job(job.pk)
    assert state_of(job) == ImportState.PLANNED
    ImportJob.objects.update(state=ImportState.APPLYING, attempts=1)
    run_import_job(job.pk)
    assert state_of(job) == ImportState.APPLIED
    assert Experiment.objects.count() == 2


def test_a_file_that_ends_every_worker_is_given_up_and_may_be_tried_again(jiwoo: Client) -> None:
    job = upload(jiwoo, a_sheet())
    ImportJob.objects.update(state=ImportState.PLANNING, attempts=F("attempts") + MAX_ATTEMPTS)
    run_import_job(job.pk)
    assert state_of(job) == ImportState.FAILED
    assert "died 3 times" in look(jiwoo, job)
    jiwoo.post(page_of(job), {"again": ""})
    run_import_job(job.pk)
    assert state_of(job) == ImportState.PLANNED


def test_what_fails_while_it_is_applied_leaves_nothing(
    jiwoo: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = upload(jiwoo, a_sheet())
    run_import_job(job.pk)
    import_job.confirm(job)

    def dies(*args: Any, **options: Any) -> None:
        apply_planned(*args, **options)
        raise MemoryError("no more")

    monkeypatch.setattr(import_job, "apply_planned", dies)
    with pytest.raises(MemoryError):
        run_import_job(job.pk)
    assert state_of(job) == ImportState.FAILED
    assert "no more" in str(job.error)
    assert not Experiment.objects.exists()
    assert not ChangeSet.objects.exists()


def test_an_import_is_its_owners_alone(jiwoo: Client) -> None:
    job = upload(jiwoo, a_sheet())
    run_import_job(job.pk)
    for group, status in (("PM", 404), ("Viewer", 403), ("Engineer", 403)):
        other = Client()
        other.force_login(make_member(group, f"sora-{group}"))
        assert other.get(page_of(job)).status_code == status
        assert other.get(f"{page_of(job)}progress/").status_code == status
        for answer in ("apply", "again", "discard"):
            assert other.post(page_of(job), {answer: ""}).status_code == status
    assert state_of(job) == ImportState.PLANNED


def test_numbers_of_no_import_are_not_found(jiwoo: Client) -> None:
    for number in ("4711", "99999999999999999999"):
        assert jiwoo.get(f"/admin/registry_app/experiment/imports/{number}/").status_code == 404


def test_answers_need_the_token_of_the_form(jiwoo: Client) -> None:
    job = upload(jiwoo, a_sheet())
    run_import_job(job.pk)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = jiwoo.cookies
    assert strict.post(page_of(job), {"apply": ""}).status_code == 403
    jiwoo.get(page_of(job), {"apply": ""})
    assert state_of(job) == ImportState.PLANNED


def test_a_discarded_import_takes_its_file_along(jiwoo: Client) -> None:
    job = upload(jiwoo, a_sheet())
    run_import_job(job.pk)
    file = Path(settings.SPOOL_DIR) / "registry-files" / job.token
    assert file.stat().st_mode & 0o777 == 0o600
    jiwoo.post(page_of(job), {"discard": ""})
    assert not file.exists()
    assert not ImportJob.objects.exists()


def test_yesterdays_imports_go_with_the_next_upload(jiwoo: Client) -> None:
    job = upload(jiwoo, a_sheet())
    ImportJob.objects.update(requested_at=timezone.now() - timedelta(seconds=held_files.KEPT_S + 1))
    upload(jiwoo, a_sheet(3))
    assert not ImportJob.objects.filter(pk=job.pk).exists()


def test_a_job_whose_file_is_gone_says_so(jiwoo: Client) -> None:
    job = upload(jiwoo, a_sheet())
    held_files.remove(job.token)
    run_import_job(job.pk)
    assert state_of(job) == ImportState.FAILED
    assert "too old" in look(jiwoo, job)


def test_the_form_lists_what_waits(jiwoo: Client) -> None:
    job = upload(jiwoo, a_sheet())
    assert page_of(job) in jiwoo.get(FORM).text


def test_a_preview_stays_what_it_was_on_its_way_through_the_database() -> None:
    from registry_app.changes.planning import make_plan
    from registry_app.document.reader import load
    from registry_app.imports.preview import Preview, preview_of

    make_experiment("old", path=a_path("old"))
    plan = make_plan(load(f"experiments:\n  bct:\n    path: {a_path('bct')}\n".encode()))
    preview = preview_of(plan)
    assert Preview.from_json(preview.to_json()) == preview
    assert dataclasses.asdict(preview)["counts"]["missing"] == 1


@pytest.mark.parametrize("days", [-2, 2])
def test_an_upload_is_forgotten_after_a_day_also_if_the_clock_was_put_back(
    jiwoo: Client, days: int
) -> None:
    moment = timezone.now() + timedelta(days=days)
    old, new = (held_files.hold(b"name,path") for _ in range(2))
    by = User.objects.get(username="jiwoo")
    for token in (old, new):
        ImportJob.objects.create(token=token, requested_by=by, state_at=timezone.now())
    ImportJob.objects.filter(token=old).update(requested_at=moment)
    file = Path(settings.SPOOL_DIR) / "registry-files" / old
    os.utime(file, (moment.timestamp(), moment.timestamp()))
    import_job.forget_old()
    assert [job.token for job in ImportJob.objects.all()] == [new]
    assert not file.exists()
    assert held_files.read(new) == b"name,path"
