"""What the page of a run says first: how good it is and beside what, or why it failed."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from runs_app.choices import RunStatus
from runs_app.comparing.standing import beside
from runs_app.models import Run
from runs_app.views.page.figures import Figure, figures_of
from tests.factories import make_experiment, make_run
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db
SUMMARY = {"summarised": 1, "main_metric": "metrics/mAP50", "data_key": "data.yaml"}


def shown(run: Run) -> dict[str, Figure]:
    return {figure.label: figure for figure in figures_of(run, beside(run, most=5))}


def with_points(run: Run, *values: float, name: str = "metrics.jsonl") -> Run:
    run.folder.mkdir(parents=True)
    rows = [
        {"key": "metrics/mAP50", "value": value, "step": step, "timestamp_ms": step}
        for step, value in enumerate(values, 1)
    ]
    (run.folder / name).write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return run


def test_good_run_is_measured_against_the_best(home: Home) -> None:
    experiment = make_experiment()
    best = make_run(experiment, RunStatus.SUCCEEDED, main_value=0.931, is_best=True, **SUMMARY)
    run = with_points(
        make_run(experiment, RunStatus.SUCCEEDED, main_value=0.8, **SUMMARY), 0.5, 0.8, 0.7
    )
    figures = shown(run)
    assert figures["mAP50"].value == "0.800"
    assert figures["mAP50"].more == "best value, step 2"
    against = figures[f"Against the best, #{best.pk}"]
    assert (against.value, against.small, against.tone) == ("−13.1%p", "0.931", "bad")
    assert figures["Data"].value == "data.yaml (content not known)"


def test_best_run_is_measured_against_the_best_before_it(home: Home) -> None:
    experiment = make_experiment()
    make_run(experiment, RunStatus.SUCCEEDED, main_value=0.7, **SUMMARY)
    second = make_run(experiment, RunStatus.SUCCEEDED, main_value=0.8, **SUMMARY)
    run = make_run(experiment, RunStatus.SUCCEEDED, main_value=0.9, is_best=True, **SUMMARY)
    against = shown(run)[f"Better than #{second.pk}"]
    assert (against.value, against.more, against.tone) == ("+10.0%p", "★ the best so far", "good")


def test_run_with_other_data_is_compared_with_nothing(home: Home) -> None:
    experiment = make_experiment()
    make_run(experiment, RunStatus.SUCCEEDED, main_value=0.9, is_best=True, **SUMMARY)
    other = SUMMARY | {"data_key": "night.yaml"}
    run = make_run(experiment, RunStatus.SUCCEEDED, main_value=0.8, **other)
    assert shown(run)["Compared"].more == "no earlier run with the same data"


def test_running_one_says_what_the_best_had_at_the_same_step(home: Home) -> None:
    experiment = make_experiment()
    best = with_points(
        make_run(experiment, RunStatus.SUCCEEDED, main_value=0.9, is_best=True, **SUMMARY),
        *(0.5, 0.6, 0.9),
    )
    run = with_points(make_run(experiment, RunStatus.RUNNING), 0.4, 0.55, name="live.jsonl")
    figures = shown(run)
    assert figures["mAP50 now"].value == "0.550"
    assert figures[f"Against the best, #{best.pk}"].more == "it had 0.600 at step 2"


def test_failure_names_its_cause_its_line_and_what_was_changed(home: Home) -> None:
    experiment = make_experiment()
    good = make_run(experiment, RunStatus.SUCCEEDED, params={"batch": 16})
    line = "MemoryError: CUDA out of memory."
    failed = {
        "params": {"batch": 64, "lr": 0.1},
        "cause": {"code": "cuda_out_of_memory", "values": {}, "line": line},
        "exit_code": 1,
    }
    make_run(experiment, RunStatus.FAILED, **failed)
    run = make_run(experiment, RunStatus.FAILED, **failed)
    run.folder.mkdir(parents=True)
    (run.folder / "stderr.log").write_text(f"loading\n{line}\n", encoding="utf-8")
    figures = shown(run)
    assert (figures["Cause"].value, figures["Cause"].more) == ("GPU memory", "stderr, line 2")
    assert figures["Cause"].address == "#log-stderr-8"
    changed = figures[f"Changed since #{good.pk} succeeded"]
    assert (changed.value, changed.small, changed.more) == ("batch 64", "← 16", "and 1 more")
    same = figures["Same cause in 7 days"]
    assert (same.value, same.more) == ("2", "2 in this experiment")
    assert "cause=cuda_out_of_memory" in same.address


def test_failure_of_unknown_cause_leads_to_the_log(home: Home) -> None:
    figures = shown(make_run(make_experiment(), RunStatus.LOST))
    assert (figures["Cause"].value, figures["Cause"].address) == ("cause not known", "#log")
    assert figures["Last success"].value == "none before it"


def test_queued_run_has_no_figures(home: Home) -> None:
    assert shown(make_run(make_experiment(), RunStatus.QUEUED)) == {}


def test_duration_stands_beside_that_of_earlier_runs(home: Home) -> None:
    experiment = make_experiment()
    for minutes in (34, 48):
        make_run(experiment, RunStatus.SUCCEEDED, duration_s=minutes * 60, **SUMMARY)
    began = timezone.now() - timedelta(minutes=40)
    run = make_run(
        experiment,
        RunStatus.SUCCEEDED,
        started_at=began,
        finished_at=began + timedelta(minutes=40),
        **SUMMARY,
    )
    duration = shown(run)["Duration"]
    assert (duration.value, duration.more) == ("40 m", "earlier runs: 34 m – 48 m")
