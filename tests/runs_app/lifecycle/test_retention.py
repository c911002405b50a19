"""Old runs are removed to free disk space, but none that is still needed."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from runs_app.choices import MlflowState, RunStatus
from runs_app.lifecycle import reconcile, retention
from runs_app.lifecycle.due import Due
from runs_app.lifecycle.retention import What, plan, prune
from runs_app.models import Run, RunFile
from runs_app.system import locks, steady_clock
from runs_app.texts.files import REMOVED
from tests.factories import make_experiment, make_run
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db
HOST = "gpu1"


@pytest.fixture
def rules(home: Home, settings: Settings) -> Settings:
    """The settings of a portal that keeps run folders for 30 days."""
    settings.RUNS_DIR.mkdir()
    settings.GUARDIANFLOW_KEEP_RUNS_DAYS = 30
    return settings


def ended(days_ago: float, *, kib: int = 64, **fields: Any) -> Run:
    """A run that ended so long ago, with a folder of so many KiB."""
    experiment = make_experiment(f"e{Run.objects.count()}")
    moment = timezone.now() - timedelta(days=days_ago)
    values: dict[str, Any] = {"mlflow_state": MlflowState.SENT, **fields}
    run = make_run(
        experiment,
        values.pop("status", RunStatus.SUCCEEDED),
        **{"started_at": moment, "finished_at": moment, "status_changed_at": moment} | values,
    )
    (run.folder / "outputs").mkdir(parents=True)
    (run.folder / "outputs" / "best.pt").write_bytes(os.urandom(1024) * kib)
    for name in ("stdout.log", "stderr.log", "exit.json"):
        (run.folder / name).write_bytes(b"x")
    RunFile.objects.create(
        run=run,
        path="best.pt",
        change="created",
        size_bytes=kib * 1024,
        sha256="ab" * 32,
        kept="outputs/best.pt",
        artifact="outputs/best.pt",
    )
    return run


def planned() -> list[tuple[int, What]]:
    return [(item.run_pk, item.what) for item in plan(HOST)]


@pytest.mark.usefixtures("rules")
def test_an_old_run_loses_its_folder_and_keeps_its_row() -> None:
    old, young = ended(31), ended(29)
    [removal] = prune(HOST)
    assert (removal.run_pk, removal.what) == (old.pk, What.FOLDER)
    assert removal.size_bytes >= 64 * 1024
    old.refresh_from_db()
    assert old.folder_removed_at is not None
    assert old.logs_removed_at is not None
    row = old.files.get()
    assert (row.kept, row.left_out) == ("", REMOVED())
    assert (row.sha256, row.artifact) == ("ab" * 32, "outputs/best.pt")
    assert [path.name for path in old.folder.parent.iterdir()] == [young.folder.name]
    assert list(prune(HOST)) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"mlflow_state": MlflowState.PENDING},
        {"mlflow_state": MlflowState.SENDING},
        {"host": "another"},
        {"status": RunStatus.LOST, "status_changed_at": timezone.now()},
        {"status": RunStatus.RUNNING, "finished_at": None},
        {"status": RunStatus.FINALIZING},
    ],
)
@pytest.mark.usefixtures("rules")
def test_a_run_that_is_still_needed_is_kept(fields: dict[str, Any]) -> None:
    run = ended(400, **fields)
    assert list(prune(HOST)) == []
    assert (run.folder / "outputs" / "best.pt").exists()


@pytest.mark.usefixtures("rules")
def test_a_run_that_never_started_is_not_waited_for() -> None:
    run = ended(31, status=RunStatus.CANCELLED, mlflow_state=MlflowState.PENDING, started_at=None)
    assert planned() == [(run.pk, What.FOLDER)]


@pytest.mark.parametrize("lock", [locks.FINISH_LOCK, locks.SEND_LOCK])
@pytest.mark.usefixtures("rules")
def test_a_run_in_progress_is_left_for_the_next_time(lock: str) -> None:
    run = ended(31)
    with locks.hold(run.folder / lock):
        assert list(prune(HOST)) == []
    assert run.folder.exists()
    assert len(list(prune(HOST))) == 1


def test_logs_go_before_the_rest(rules: Settings) -> None:
    rules.GUARDIANFLOW_KEEP_LOGS_DAYS = 7
    run = ended(8)
    assert [item.what for item in prune(HOST)] == [What.LOGS]
    run.refresh_from_db()
    assert run.logs_removed_at is not None
    assert run.folder_removed_at is None
    assert sorted(path.name for path in run.folder.iterdir() if path.suffix != ".lock") == [
        "exit.json",
        "outputs",
    ]
    assert list(prune(HOST)) == []


def test_the_oldest_go_until_all_fit(rules: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    rules.GUARDIANFLOW_KEEP_RUNS_DAYS = 0
    rules.GUARDIANFLOW_KEEP_RUNS_GIB = 1
    monkeypatch.setattr(retention, "GIB", 1024 * 1024)
    runs = [ended(days, kib=400) for days in (1, 3, 2, 4)]
    kept = ended(9, kib=1, mlflow_state=MlflowState.PENDING)
    assert planned() == [(runs[3].pk, What.FOLDER), (runs[1].pk, What.FOLDER)]
    assert len(list(prune(HOST))) == 2
    assert planned() == []
    assert kept.folder.exists()


@pytest.mark.usefixtures("rules")
def test_folders_of_launches_that_came_to_nothing_go_along() -> None:
    run = ended(31)
    run.folder.with_name(f"{run.folder.name}.1").mkdir()
    list(prune(HOST))
    assert list(run.folder.parent.iterdir()) == []


@pytest.mark.usefixtures("rules")
def test_a_crash_in_the_middle_is_made_good() -> None:
    run = ended(31)
    run.folder.rename(run.folder.with_name(f".removed-{run.folder.name}"))
    assert [item.run_pk for item in prune(HOST)] == [run.pk]
    run.refresh_from_db()
    assert run.folder_removed_at is not None
    assert list(run.folder.parent.iterdir()) == []


@pytest.mark.usefixtures("rules")
def test_a_link_in_a_run_folder_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_text("1")
    run = ended(31)
    (run.folder / "link").symlink_to(tmp_path / "precious")
    list(prune(HOST))
    assert (tmp_path / "precious" / "file").exists()


def test_a_disk_that_is_away_says_nothing_of_its_runs(rules: Settings) -> None:
    run = ended(31)
    rules.RUNS_DIR.rename(rules.RUNS_DIR.with_name("away"))
    assert list(prune(HOST)) == []
    run.refresh_from_db()
    assert run.folder_removed_at is None


def test_without_a_rule_everything_is_kept(rules: Settings) -> None:
    rules.GUARDIANFLOW_KEEP_RUNS_DAYS = 0
    ended(4000)
    assert planned() == []
    assert not retention.is_due()


def steady(home: Home, *, clock_s: float = 0) -> None:
    """Remember a clock that was steady for long, and was ahead of its time by so much."""
    seen = asdict(steady_clock.now()) | {"steady_s": 2 * steady_clock.STEADY_S}
    seen["clock_s"] += clock_s
    (home.path / retention.CLOCK).write_text(json.dumps(seen))


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize("clock_s", [86_400.0 * 3650, -86_400.0 * 3650])
def test_a_clock_that_jumped_removes_nothing_for_a_day(home: Home, clock_s: float) -> None:
    steady(home, clock_s=clock_s)
    ended(31)
    assert not retention.is_due()
    assert not retention.is_due()


@pytest.mark.usefixtures("rules")
def test_the_worker_looks_once_an_hour(home: Home) -> None:
    steady(home)
    assert reconcile.BackgroundJob.PRUNE in reconcile.background_jobs(Due())
    list(prune(HOST))
    assert reconcile.BackgroundJob.PRUNE not in reconcile.background_jobs(Due())


@pytest.mark.usefixtures("rules")
def test_many_runs_cost_no_more_questions(django_assert_max_num_queries: Any) -> None:
    for days in range(31, 40):
        ended(days)
    with django_assert_max_num_queries(1):
        assert len(planned()) == 9


def shown(**options: Any) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("prune", stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def test_command_tells_before_and_after(rules: Settings) -> None:
    rules.GUARDIANFLOW_HOST = HOST
    run = ended(31)
    out, err = shown(dry_run=True)
    assert f"#{run.pk}" in out
    assert "1 would be removed" in err
    assert run.folder.exists()
    assert "1 removed" in shown()[1]
    assert not run.folder.exists()
    assert shown()[0] == ""


def test_command_without_a_rule_names_the_settings(home: Home) -> None:
    assert "GUARDIANFLOW_KEEP_RUNS_DAYS" in shown()[1]


def test_content_that_mlflow_has_too_counts_for_the_limit_and_frees_nothing(
    rules: Settings, tmp_path: Path
) -> None:
    rules.GUARDIANFLOW_KEEP_RUNS_DAYS = 0
    rules.GUARDIANFLOW_KEEP_RUNS_GIB = 1 / 64
    runs = [ended(days, kib=11 * 1024) for days in (3, 2, 1)]
    for run in runs:
        os.link(run.folder / "outputs" / "best.pt", tmp_path / f"{run.pk}.pt")
    os.link(runs[0].folder / "outputs" / "best.pt", runs[0].folder / "again.pt")
    first, second = plan(HOST)
    assert [first.run_pk, second.run_pk] == [runs[0].pk, runs[1].pk]
    assert first.size_bytes < 2**20
    assert second.size_bytes < 2**20
    (tmp_path / f"{runs[0].pk}.pt").unlink()
    assert plan(HOST)[0].size_bytes >= 11 * 2**20
