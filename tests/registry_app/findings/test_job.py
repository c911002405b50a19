"""A scan that was asked for in the portal is carried out by a worker."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from registry_app.findings.job import run_scan_job
from registry_app.models import ChangeSet, Experiment, ScanJob
from tests.factories import make_directory, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(tmp_path: Path, settings: Settings) -> Path:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    make_directory(tmp_path, "sampyo-gimhae-bct", {"train.py": "model.fit()"})
    return tmp_path


def test_a_job_ends_with_its_summary(root: Path) -> None:
    jiwoo = make_user("jiwoo")
    job = ScanJob.objects.create(requested_by=jiwoo)
    run_scan_job(job.pk)
    job.refresh_from_db()
    assert (job.done, job.total, job.error) == (1, 1, None)
    assert job.finished_at is not None
    assert job.summary["created"] == 1
    assert ChangeSet.objects.get().by == jiwoo


def test_a_job_that_has_ended_is_not_done_again(root: Path) -> None:
    job = ScanJob.objects.create(finished_at=timezone.now())
    run_scan_job(job.pk)
    assert not Experiment.objects.exists()


def test_a_job_whose_worker_died_is_done_again(root: Path) -> None:
    job = ScanJob.objects.create(started_at=timezone.now(), done=5, total=9)
    run_scan_job(job.pk)
    job.refresh_from_db()
    assert job.finished_at is not None
    assert Experiment.objects.count() == 1


def test_a_job_that_was_deleted_is_no_error(root: Path) -> None:
    run_scan_job(4711)


def test_a_refused_scan_says_why(root: Path, settings: Settings, tmp_path: Path) -> None:
    other = tmp_path / "other"
    make_directory(other, "sampyo-gimhae-bct", {"train.py": ""})
    settings.GUARDIANFLOW_ROOTS = [root, other]
    job = ScanJob.objects.create()
    run_scan_job(job.pk)
    job.refresh_from_db()
    assert "sampyo-gimhae-bct" in str(job.error)
    assert job.finished_at is not None
    assert not Experiment.objects.exists()
