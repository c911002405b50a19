"""What the cells of a row say, from the run alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from registry_app.choices import EntryPointType
from registry_app.models import Experiment
from runs_app.choices import RunStatus
from runs_app.models import Run
from runs_app.texts import reasons
from runs_app.views.table.cells import Cell, Measured, cells_of
from runs_app.views.table.columns import chosen
from runs_app.views.table.rows import common_metric, experiment_name
from runs_app.views.table.states import ago, short_duration, symbol

NOW = timezone.now()
UP = "metrics/mAP50(B)"


def run(status: RunStatus = RunStatus.SUCCEEDED, **fields: Any) -> Run:
    values: dict[str, Any] = {
        "type": EntryPointType.TRAIN,
        "script": "train.py",
        "reason_code": reasons.EXITED_ZERO.code,
        "summarised": 1,
        "started_at": NOW,
        "finished_at": NOW,
    }
    if status == RunStatus.QUEUED:
        values |= {"started_at": None, "finished_at": None}
    return Run(pk=7, experiment=Experiment(name="sampyo"), status=status, **(values | fields))


def cell(one: Run, key: str, **options: Any) -> Cell:
    (found,) = cells_of(one, chosen([key]), Measured(), **options)
    return found


def test_a_good_run_shows_its_main_metric_and_the_best_a_star() -> None:
    good = run(main_metric=UP, main_value=0.93123, data_key="v1")
    assert cell(good, "main").html == "0.931"
    assert "v1 (content not known)" in cell(good, "main").title
    good.is_best = True
    assert "★" in cell(good, "main").html
    assert "best of its experiment" in cell(good, "main").title
    named = cell(good, "main", names_metric=True).html
    assert "mAP50(B)" in named
    assert "0.931" in named


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"summarised": 0}, "not yet"),
        ({"main_metric": UP, "main_value": None}, "–"),
        ({"status": RunStatus.RUNNING, "finished_at": None, "summarised": 0}, ""),
        ({"status": RunStatus.CANCELLED, "main_metric": UP, "main_value": 0.5}, "0.500"),
    ],
)
def test_runs_without_a_value(fields: dict[str, Any], shown: str) -> None:
    assert cell(run(**fields), "main").html == shown


def test_a_cause_covers_the_metrics_and_what_was_changed() -> None:
    failed = run(
        RunStatus.FAILED,
        cause={"code": "cuda_out_of_memory", "values": {}, "line": "x"},
        changed_params={"batch": {"before": "16", "now": "32"}},
        main_value=0.4,
    )
    columns = chosen(["type", "main", "m:recall", "changed", "when"])
    cells = cells_of(failed, columns, Measured(metrics={"recall": 0.3}))
    assert [(one.css.split()[0], one.span) for one in cells] == [
        ("gf-c-type", 1),
        ("gf-c-cover", 3),
        ("gf-c-when", 1),
    ]
    assert "The memory of the GPU ran out" in cells[1].html
    assert "batch <b>32</b>" in cells[1].html


def test_a_waiting_run_says_why_and_links_to_what_it_waits_for() -> None:
    waiting = run(RunStatus.QUEUED, reason_code=reasons.WAITS_FOR_WORKER.code)
    waiting.place = 3  # type: ignore[attr-defined]
    html = cell(waiting, "changed").html
    assert html.startswith("Place 3 in the queue · ")
    waiting.reason_values = {"run": 5, "runs": [5]}
    assert 'href="/admin/runs_app/run/5/change/"' in cell(waiting, "changed").html


def test_only_what_changed_is_shown_with_the_rest_as_a_number() -> None:
    changed = {f"p{number}": {"before": "1", "now": "<2>"} for number in range(5)}
    changed["p0"]["now"] = None  # type: ignore[assignment]
    found = cell(run(changed_params=changed), "changed")
    assert found.html == "<del>p0</del>, p1 <b>&lt;2&gt;</b>, p2 <b>&lt;2&gt;</b> +2"
    assert found.title.splitlines()[:2] == ["p0: 1 → –", "p1: 1 → <2>"]


def test_chosen_metrics_and_parameters() -> None:
    columns = chosen(["m:recall", "m:precision", "p:epochs"])
    measured = Measured(metrics={"recall": 0.5, "fps": 3}, parameters={"epochs": "80"})
    assert [one.html for one in cells_of(run(), columns, measured)] == ["0.500", "", "80"]


def test_hostile_names_are_text() -> None:
    bad = "<b>\u202e"
    one = run(script=bad, note=bad, labels=[bad], version=bad, host=bad, main_metric=bad)
    one.main_value = 1.0
    for key in ("type", "note", "version", "host", "main"):
        found = cell(one, key, names_metric=True)
        assert "<b>\u202e" not in found.html, key
        assert "\u202e" not in found.html + found.title, key


def test_labels_and_a_mark_stand_before_the_note() -> None:
    found = cell(run(note="seed repeat", labels=["candidate"], is_marked=True), "note")
    assert found.title == "only for comparison · candidate · seed repeat"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        *((None, ""), (0.4, "0 s"), (59.4, "59 s"), (60, "1 m"), (3599, "59 m"), (3600, "1 h")),
        *((3900, "1 h 5 m"), (86_400, "1 d"), (93_600, "1 d 2 h"), (-5, "0 s")),
    ],
)
def test_durations(seconds: float | None, text: str) -> None:
    assert short_duration(seconds) == text


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (timedelta(seconds=-5), "now"),
        (timedelta(seconds=59), "now"),
        (timedelta(minutes=22), "22 m"),
        (timedelta(hours=23), "23 h"),
        (timedelta(days=3), "3 d"),
    ],
)
def test_how_long_ago(passed: timedelta, text: str) -> None:
    assert ago(NOW - passed, now=NOW) == text


def test_long_ago_is_a_date() -> None:
    day = timezone.localtime(NOW - timedelta(days=40))
    assert ago(day, now=NOW) == f"{day:%m-%d}"
    old = timezone.localtime(NOW - timedelta(days=400))
    assert ago(old, now=NOW) == f"{old:%Y-%m}"


@pytest.mark.parametrize("status", RunStatus)
def test_every_state_is_a_shape_with_a_name(status: RunStatus) -> None:
    html = symbol(run(status))
    assert f'aria-label="{status.label}"' in html
    assert "#gf-st-" in html


def test_names_keep_their_end() -> None:
    html = experiment_name("hd-hyundai-heavy-ulsan-dock3-forklift")
    assert "<span>hd-hyundai-heavy-ulsan-dock3</span><span>-forklift</span>" in html
    assert experiment_name("안전모").count("<span>") == 1


def test_rows_share_a_metric_whatever_its_prefix() -> None:
    runs = [run(main_metric=name) for name in (UP, "val/mAP50(B)", "")]
    assert common_metric(runs) == "mAP50(B)"
    assert common_metric([*runs, run(main_metric="val/loss")]) is None
    assert common_metric([]) == ""
