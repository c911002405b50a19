"""Results that could not be saved at the end of a run are saved later; its outcome stays."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from runs_app.choices import MlflowState, RunStatus
from runs_app.executors import notices
from runs_app.executors.base import folder_of
from runs_app.executors.chosen import executor, job_of
from runs_app.lifecycle import collect, due, finish, recollect, reconcile
from runs_app.models import Run
from runs_app.records import files
from runs_app.runner.outputs.snapshot import take
from runs_app.texts import reasons, remarks
from tests.factories import make_run
from tests.runs_app.conftest import Home
from tests.runs_app.driving import queue, reach, start

pytestmark = [pytest.mark.django_db, pytest.mark.processes]

SCRIPT = """\
import os
os.mkdir("runs")
open("runs/best.pt", "wb").write(b"weights")
open("results.csv", "w").write("epoch,mAP50\\n1,0.5\\n")
"""


@pytest.fixture
def run(home: Home) -> Run:
    """A run that succeeded, and whose copies had no place."""
    run = queue(home.experiment(script=SCRIPT))
    assert start(run)
    reach(run, RunStatus.FINALIZING)
    (run.folder / "outputs").mkdir()
    (run.folder / "outputs" / "runs").write_bytes(b"a file where a folder belongs")
    assert finish.finish(run.pk)
    run.refresh_from_db()
    return run


def make_room(run: Run) -> None:
    (run.folder / "outputs" / "runs").unlink()


def come_due(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(collect_next_at=timezone.now())


def test_run_is_amber_with_a_notice_until_its_results_are_there(run: Run) -> None:
    assert (run.status, run.reason_code) == (RunStatus.SUCCEEDED, reasons.COLLECT_FAILED.code)
    assert run.looks_wrong
    [warning] = notices.warnings_of(run)
    assert "tried again" in warning
    make_room(run)
    reconcile.finish_ended(run.host)
    run.refresh_from_db()
    assert run.looks_wrong  # it is not due yet
    come_due(run)
    found = due.look(run.host) or due.Due(collect=True)
    assert found.collect
    assert reconcile.BackgroundJob.FINISH in reconcile.background_jobs(found)
    reconcile.finish_ended(run.host)
    run.refresh_from_db()
    assert (run.status, run.looks_wrong, run.collect_next_at) == (RunStatus.SUCCEEDED, False, None)
    assert run.reason_code != reasons.COLLECT_FAILED.code
    assert notices.warnings_of(run) == []
    kept = {row.path: row.kept for row in run.files.all()}
    assert kept == {"runs/best.pt": "outputs/runs/best.pt", "results.csv": "outputs/results.csv"}
    assert (run.folder / "outputs/runs/best.pt").read_bytes() == b"weights"
    assert run.mlflow_state == MlflowState.PENDING
    assert run.main_value == 0.5


def test_second_failure_waits_again_and_says_the_new_reason(run: Run) -> None:
    make_room(run)
    (run.folder / files.NAME).unlink(missing_ok=True)
    (run.folder / files.NAME).mkdir()
    (run.folder / "files.csv.part").mkdir(exist_ok=True)
    Path(run.folder / "outputs" / "results.csv").unlink(missing_ok=True)
    (run.folder / "outputs" / "results.csv").mkdir()
    come_due(run)
    assert not finish.collect_again(run.pk)
    run.refresh_from_db()
    assert run.collect_next_at is not None
    assert run.collect_next_at > timezone.now()
    assert (run.looks_wrong, run.reason_code) == (True, reasons.COLLECT_FAILED.code)


def test_what_was_changed_since_the_end_is_not_taken_for_a_result(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collect, "CLOCK_SLACK_NS", 0)
    exit_record = run.folder / "exit.json"
    written = max(
        (Path(run.cwd) / name).stat().st_ctime_ns for name in ("runs/best.pt", "results.csv")
    )
    os.utime(exit_record, ns=(written, written))
    (Path(run.cwd) / "results.csv").write_text("epoch,mAP50\n1,0.9\n")
    make_room(run)
    (run.folder / "outputs" / "results.csv").unlink(missing_ok=True)
    come_due(run)
    assert finish.collect_again(run.pk)
    rows = {row.path: row for row in run.files.all()}
    assert rows["runs/best.pt"].kept
    assert not rows["results.csv"].kept
    assert "after the run had ended" in str(rows["results.csv"].left_out)


def test_nothing_is_tried_without_room(run: Run, settings: Settings) -> None:
    make_room(run)
    come_due(run)
    settings.GUARDIANFLOW_MIN_FREE_MIB = 10**9
    assert not finish.collect_again(run.pk)
    assert not run.files.exists()
    run.refresh_from_db()
    assert run.collect_next_at is not None
    assert run.collect_next_at > timezone.now()


def test_run_whose_folder_is_gone_is_not_tried_any_more(run: Run) -> None:
    run.folder.rename(run.folder.with_name("gone"))
    come_due(run)
    assert not finish.collect_again(run.pk)
    run.refresh_from_db()
    assert run.collect_next_at is None


@pytest.mark.parametrize(
    ("age", "wait"),
    [
        (timedelta(seconds=5), timedelta(minutes=1)),
        (timedelta(hours=2), timedelta(minutes=30)),
        (timedelta(days=10), timedelta(hours=1)),
        (timedelta(days=-10), timedelta(minutes=1)),
        (timedelta(days=15), None),
    ],
)
def test_waits_grow_with_the_time_since_the_end(
    run: Run, age: timedelta, wait: timedelta | None
) -> None:
    now = timezone.now()
    next_at = recollect.after_failure(run, finished_at=now - age)
    if wait is None:
        assert next_at is None
    else:
        assert next_at is not None
        assert abs(next_at - now - wait) < timedelta(seconds=30)


def test_time_in_the_future_is_due_at_once(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(collect_next_at=timezone.now() + timedelta(days=3))
    assert due.uncollected(run.host).exists()
    assert remarks.NOT_COLLECTED.code in run.notices


def test_lost_run_still_says_that_the_machine_was_restarted(home: Home) -> None:
    run = make_run(
        home.experiment(),
        RunStatus.LOST,
        host=executor().place,
        boot_id="of an earlier boot",
        reason_code=reasons.COLLECT_FAILED.code,
        started_at=None,
        collect_next_at=timezone.now(),
    )
    folder = folder_of(run)
    folder.path.mkdir(parents=True)
    take(Path(run.cwd)).save(folder.manifest_before)
    assert finish.collect_again(run.pk)
    run.refresh_from_db()
    assert run.reason_code == reasons.HOST_REBOOTED.code


def test_a_restart_that_came_later_is_not_why_a_run_was_lost(home: Home) -> None:
    run = make_run(
        home.experiment(),
        RunStatus.RUNNING,
        host=executor().place,
        boot_id=executor().boot_id,
    )
    folder = folder_of(run)
    folder.outputs.mkdir(parents=True)
    (folder.path / "supervisor.lock").touch()
    take(Path(run.cwd)).save(folder.manifest_before)
    (folder.outputs / "runs").write_bytes(b"a file where a folder belongs")
    (Path(run.cwd) / "runs").mkdir()
    (Path(run.cwd) / "runs/best.pt").write_bytes(b"weights")
    assert finish.begin(run, job_of(run))
    for step in (finish.finish, finish.collect_again):
        restart_machine(run)
        step(run.pk)
        run.refresh_from_db()
        assert (run.status, run.reason_code) == (RunStatus.LOST, reasons.COLLECT_FAILED.code)
        come_due(run)
    make_room(run)
    assert finish.collect_again(run.pk)
    run.refresh_from_db()
    assert run.reason_code == reasons.SUPERVISOR_DIED.code


def restart_machine(run: Run) -> None:
    """Let the boot of the run be another than the present one."""
    Run.objects.filter(pk=run.pk).update(boot_id="of an earlier boot")
