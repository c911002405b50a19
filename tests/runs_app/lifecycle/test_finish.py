"""Ending runs: outcome, files, metrics."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from django_q.models import OrmQ
from pytest_django import DjangoCaptureOnCommitCallbacks

from runs_app.choices import RunStatus
from runs_app.lifecycle import collect, finish
from runs_app.models import Run
from runs_app.system import locks
from runs_app.texts import reasons, remarks
from tests.runs_app.conftest import Home
from tests.runs_app.driving import end, queue, reach, run_to_end, start

pytestmark = [pytest.mark.django_db, pytest.mark.processes]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_a_script_made_is_kept_apart_from_it(home: Home) -> None:
    run = run_to_end(home.experiment())
    assert (run.status, run.exit_code) == (RunStatus.SUCCEEDED, 0)
    files = {file.path: file for file in run.files.all()}
    assert set(files) == {"best.pt", "results.csv"}
    weights = files["best.pt"]
    assert (weights.change, weights.size_bytes) == ("created", 7)
    assert weights.artifact == "outputs/best.pt"
    kept = run.folder / weights.kept
    assert weights.sha256 == digest(kept)
    (home.roots / "sampyo-gimhae-bct/best.pt").write_bytes(b"a later run")
    assert kept.read_bytes() == b"weights"


def test_the_directory_is_otherwise_what_it_was(home: Home) -> None:
    bct = home.experiment()
    before = digest(home.roots / bct.name / "train.py")
    run_to_end(bct)
    directory = home.roots / bct.name
    assert sorted(path.name for path in directory.iterdir()) == [
        "best.pt",
        "results.csv",
        "train.py",
    ]
    assert digest(directory / "train.py") == before


def test_a_second_run_changes_what_the_first_created(home: Home) -> None:
    bct = home.experiment()
    run_to_end(bct)
    second = run_to_end(bct, extra_args=("--epochs", "4"))
    assert second.files.get(path="results.csv").change == "changed"


def test_metrics_are_kept_with_their_steps(home: Home) -> None:
    run = run_to_end(home.experiment())
    lines = (run.folder / "metrics.jsonl").read_text().splitlines()
    points = [json.loads(line) for line in lines]
    values = [(p["step"], p["value"]) for p in points if p["key"] == "metrics/mAP50(B)"]
    assert values == [(1, 0.1), (2, 0.2), (3, 0.3)]


@pytest.mark.parametrize(
    ("script", "exit_code", "reason"),
    [
        ("raise SystemExit(3)", 3, reasons.EXITED_NONZERO.code),
        ("import os, signal; os.kill(os.getpid(), 9)", 137, reasons.KILLED_BY_SIGNAL.code),
    ],
)
def test_a_script_that_fails(home: Home, script: str, exit_code: int, reason: str) -> None:
    run = run_to_end(home.experiment(script=script))
    assert (run.status, run.exit_code, run.reason_code) == (RunStatus.FAILED, exit_code, reason)


def test_the_outcome_is_shown_before_anything_is_collected(home: Home) -> None:
    run = queue(home.experiment(script="raise SystemExit(3)"))
    assert start(run)
    reach(run, RunStatus.FINALIZING)
    assert (run.outcome, run.exit_code) == (RunStatus.FAILED, 3)
    assert run.finished_at is not None
    end(run)


def test_one_finisher_at_a_time_and_finishing_twice_does_no_harm(home: Home) -> None:
    run = queue(home.experiment())
    assert start(run)
    reach(run, RunStatus.FINALIZING)
    with locks.hold(run.folder / locks.FINISH_LOCK) as ours:
        assert ours
        assert not finish.finish(run.pk)
    assert [finish.finish(run.pk), finish.finish(run.pk)] == [True, False]
    assert run.files.count() == 2


def test_a_finisher_that_died_is_followed_by_another(home: Home) -> None:
    run = queue(home.experiment())
    assert start(run)
    reach(run, RunStatus.FINALIZING)
    collect.problem_of(run)
    assert finish.finish(run.pk)
    run.refresh_from_db()
    assert (run.status, run.files.count()) == (RunStatus.SUCCEEDED, 2)


def test_a_list_of_files_that_is_no_list_changes_no_outcome(home: Home) -> None:
    run = queue(home.experiment())
    assert start(run)
    reach(run, RunStatus.FINALIZING)
    (run.folder / "manifest-before.jsonl").write_text("")
    assert finish.finish(run.pk)
    run.refresh_from_db()
    assert (run.status, run.exit_code) == (RunStatus.SUCCEEDED, 0)
    assert run.reason_code == reasons.EXITED_ZERO.code
    assert remarks.FILES_UNKNOWN.code in run.notices


def test_a_run_of_another_machine_is_left_alone(home: Home) -> None:
    run = queue(home.experiment())
    assert start(run)
    reach(run, RunStatus.FINALIZING)
    Run.objects.filter(pk=run.pk).update(host="gpu9")
    assert not finish.finish(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.FINALIZING


def test_a_surprise_while_collecting_does_not_keep_the_directory_for_ever(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def surprise(run: Run) -> None:
        raise RecursionError("what a script left was deeper than we thought")

    run = queue(home.experiment())
    assert start(run)
    reach(run, RunStatus.FINALIZING)
    monkeypatch.setattr(collect, "collect", surprise)
    assert finish.finish(run.pk)
    run.refresh_from_db()
    assert (run.status, run.reason_code) == (RunStatus.SUCCEEDED, reasons.COLLECT_FAILED.code)
    assert "deeper than we thought" in run.status_reason


@pytest.mark.parametrize("waits", [True, False], ids=["another run waits", "no run waits"])
def test_a_worker_is_asked_to_start_the_next_run_if_there_is_one(
    home: Home,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    waits: bool,
) -> None:
    run = queue(home.experiment())
    assert start(run)
    reach(run, RunStatus.FINALIZING)
    if waits:
        queue(home.experiment("sampyo-gimhae-ppe"))
    with django_capture_on_commit_callbacks(execute=True):
        assert finish.finish(run.pk)
    asked = [(message.task["func"], message.task["args"]) for message in OrmQ.objects.all()]
    assert asked == ([("runs_app.tasks.start", (run.pk,))] if waits else [])
