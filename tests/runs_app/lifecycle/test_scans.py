"""Scans that were asked for are carried out, whatever happens to messages and workers."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from registry_app.models import Experiment, ScanJob
from runs_app.lifecycle import reconcile, scans
from runs_app.system import locks
from tests.factories import make_directory
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def tree(home: Home) -> None:
    make_directory(home.roots, "sampyo-gimhae-bct", {"train.py": "model.fit()"})


def test_all_waiting_scans_are_carried_out_in_order() -> None:
    jobs = [ScanJob.objects.create() for _number in range(2)]
    assert scans.run_waiting() == 2
    assert all(job.finished_at for job in ScanJob.objects.filter(pk__in=[j.pk for j in jobs]))
    assert Experiment.objects.get().name == "sampyo-gimhae-bct"
    assert scans.run_waiting() == 0


def test_one_process_at_a_time(settings: Settings) -> None:
    ScanJob.objects.create()
    with locks.hold(Path(settings.GUARDIANFLOW_HOME) / scans.LOCK) as ours:
        assert ours
        assert scans.run_waiting() == 0
    assert scans.run_waiting() == 1


def test_a_scan_whose_message_was_lost_or_whose_worker_died_is_due(settings: Settings) -> None:
    def due() -> list[reconcile.BackgroundJob]:
        return reconcile.background_jobs(reconcile.look(settings.GUARDIANFLOW_HOST, patience_s=600))

    job = ScanJob.objects.create(started_at=timezone.now())
    assert due() == []
    ScanJob.objects.update(requested_at=timezone.now() - timedelta(seconds=601))
    assert due() == [reconcile.BackgroundJob.SCAN]
    scans.run_waiting()
    job.refresh_from_db()
    assert job.finished_at is not None
    assert due() == []
