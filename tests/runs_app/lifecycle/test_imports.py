"""Large imports are carried out, whatever happens to messages and workers."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from registry_app.choices import ImportKind, ImportState
from registry_app.imports import held_files
from registry_app.imports import job as import_job
from registry_app.imports.uploaded import ImportFile
from registry_app.models import Experiment, ImportJob
from runs_app.lifecycle import imports, reconcile
from runs_app.system import locks
from tests.factories import make_user
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(home: Home) -> ImportJob:
    data = f"name,path\nsampyo-gimhae-bct,{home.roots}/sampyo-gimhae-bct\n".encode()
    file = ImportFile(kind=ImportKind.EXPERIMENTS, name="sheet.csv", data=data)
    return import_job.ask_for_import(file, by=make_user("jiwoo"))


def due(settings: Settings) -> list[reconcile.BackgroundJob]:
    return reconcile.background_jobs(reconcile.look(settings.GUARDIANFLOW_HOST, patience_s=5))


def left_alone(seconds: float) -> None:
    ImportJob.objects.update(state_at=timezone.now() - timedelta(seconds=seconds))


def test_all_steps_that_wait_are_done(job: ImportJob) -> None:
    assert imports.run_waiting() == 1
    job.refresh_from_db()
    assert job.state == ImportState.PLANNED
    assert imports.run_waiting() == 0
    import_job.confirm(job)
    assert imports.run_waiting() == 1
    assert Experiment.objects.get().name == "sampyo-gimhae-bct"


def test_one_process_at_a_time(job: ImportJob, settings: Settings) -> None:
    with locks.hold(Path(settings.GUARDIANFLOW_HOME) / imports.LOCK) as ours:
        assert ours
        assert imports.run_waiting() == 0
    assert imports.run_waiting() == 1


def test_a_file_is_read_on_the_machine_that_has_it(job: ImportJob, settings: Settings) -> None:
    ImportJob.objects.update(host="another-machine")
    left_alone(60)
    assert imports.run_waiting() == 0
    assert due(settings) == []


def test_a_step_whose_message_was_lost_is_due(job: ImportJob, settings: Settings) -> None:
    assert due(settings) == []
    left_alone(6)
    assert due(settings) == [reconcile.BackgroundJob.IMPORT]
    imports.run_waiting()
    assert due(settings) == []


def test_a_step_is_due_again_once_its_worker_is_silent(job: ImportJob, settings: Settings) -> None:
    ImportJob.objects.update(state=ImportState.PLANNING, attempts=1)
    left_alone(10)
    assert due(settings) == []
    left_alone(30)
    assert due(settings) == [reconcile.BackgroundJob.IMPORT]


def test_a_worker_removes_what_was_never_confirmed(job: ImportJob, settings: Settings) -> None:
    imports.run_waiting()
    file = Path(settings.SPOOL_DIR) / "registry-files" / job.token
    yesterday = time.time() - held_files.KEPT_S - 1
    os.utime(file, (yesterday, yesterday))
    ImportJob.objects.update(requested_at=timezone.now() - timedelta(days=2))
    reconcile.tick(settings.GUARDIANFLOW_HOST)
    assert not file.exists()
    assert not ImportJob.objects.exists()
