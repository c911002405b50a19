"""A cell says how good, on which data, at which stage, and the one thing that is wrong."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from runs_app.choices import RunStatus
from runs_app.overview.cell import Cell, cell_of
from runs_app.overview.standing import Health, Standing
from tests.runs_app.overview.facts import bad, good, run, standing

SITE = {"site": 7}


def cell(*standings: Standing) -> Cell:
    return cell_of(standings, SITE)


def test_a_good_experiment_shows_its_best_with_the_data_and_its_age() -> None:
    item = good(days=2, stage=3)
    assert item.good is not None
    shown = cell(item)
    assert (shown.figure, shown.metric) == ("0.931", "metrics/mAP50(B)")
    assert (shown.data, shown.data_title) == ("c04d", "ppe.yaml · c04d")
    assert shown.line == f"2 d ago · #{item.good.pk}"
    assert (shown.stages, shown.ticks) == ("3", ["all"] * 3 + ["none"] * 2)


def test_the_table_shows_a_cell_and_escapes_what_users_wrote() -> None:
    item = replace(good(stage=3), task="<b>ppe\u202e")
    shown = cell(item, item).html
    assert "&lt;b&gt;ppe[U+202E]" in shown
    assert "<b>ppe" not in shown
    assert 'title="ppe.yaml · c04d"' in shown
    assert "×2" in shown
    assert shown.count('title="stage 3 of 5"') == 1
    assert shown.count('<i class="gfh-all">') == 3


@pytest.mark.parametrize(
    ("key", "data", "title"),
    [
        ("ppe_v3", "ppe_v3", "ppe_v3 (content not known)"),
        ("", "data?", "data not known"),
    ],
)
def test_data_that_is_not_known_is_never_called_the_same(key: str, data: str, title: str) -> None:
    best = run(data_key=key)
    shown = cell(standing(good=best, best=best))
    assert (shown.data, shown.data_title) == (data, title)


def test_a_failure_shows_its_cause_beside_the_metric_that_still_holds() -> None:
    shown = cell(good(last=bad()))
    assert shown.health is Health.FAILING
    assert shown.figure == "0.931"
    assert shown.line == "The memory of the GPU ran out (CUDA out of memory)."


@pytest.mark.parametrize(
    ("item", "line"),
    [
        (standing(), "never run"),
        (standing(newest=run(RunStatus.CANCELLED)), "no good run yet"),
        (good(active=(run(RunStatus.RUNNING, pk=4711),)), "#4711 is running"),
        (good(days=100), "100 d ago"),
        (good(days=0), "today"),
    ],
)
def test_the_line_says_what_is_wrong_or_how_old_it_is(item: Standing, line: str) -> None:
    assert cell(item).line.partition(" · ")[0] == line


def test_a_run_that_is_not_summarised_yet_is_not_called_without_a_metric() -> None:
    last = run(summarised=0, main_value=None, main_metric="")
    assert cell(standing(good=last, last=last)).data_title == "not computed yet"


def test_of_several_experiments_the_newest_good_run_speaks_and_the_worst_gives_the_colour() -> None:
    older, newer, never = good(days=9, stage=3), good(days=2, stage=2), standing(stage=1)
    shown = cell(older, newer, never)
    assert newer.good is not None
    assert (shown.count, shown.stages) == (3, "1–3")
    assert shown.ticks == ["all", "some", "some", "none", "none"]
    assert (shown.health, shown.line) == (Health.NEVER, "never run")
    assert shown.figure == "0.931"


def test_experiments_of_several_sites_are_counted_and_not_compared() -> None:
    shown = cell(good(site=1), good(site=2, last=bad()))
    assert (shown.figure, shown.data) == ("–", "")
    assert shown.line == "1 fails"


@pytest.mark.parametrize(("task", "sent"), [("ppe", "ppe"), ("", "-")])
def test_a_cell_links_to_the_list_of_its_experiments(task: str, sent: str) -> None:
    address = urlsplit(cell(standing(task=task)).address)
    assert address.path == "/admin/registry_app/experiment/"
    assert parse_qs(address.query) == {"site": ["7"], "task": [sent]}
