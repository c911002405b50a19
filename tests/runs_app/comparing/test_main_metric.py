"""Which metric speaks for a run, by its task type."""

from __future__ import annotations

import pytest

from registry_app.inference.task.general_tasks import GENERAL
from registry_app.inference.task.task_words import TASKS
from runs_app.choices import Direction
from runs_app.comparing.default_metrics import DEFAULTS
from runs_app.comparing.main_metric import MetricRule, MetricTable, main_metric_of
from runs_app.models import MainMetric

RULE = MetricRule(names=("mAP50", "val loss"))


@pytest.mark.parametrize(
    ("metrics", "main"),
    [
        (["train/loss", "metrics/mAP50", "val/loss"], "metrics/mAP50"),
        (["metrics/mAP50", "mAP50"], "mAP50"),
        (["test/mAP50", "val/mAP50"], "test/mAP50"),
        (["val/loss"], "val/loss"),
        (["seconds"], ""),
        ([], ""),
    ],
)
def test_the_first_name_that_a_run_has(metrics: list[str], main: str) -> None:
    assert RULE.main_of(metrics) == main


def test_the_table_gives_the_direction_of_what_it_names() -> None:
    odd = MetricRule(names=("margin error",), direction=Direction.UP)
    assert odd.direction_of("margin_error") == Direction.UP
    assert odd.direction_of("val loss") == Direction.DOWN
    assert RULE.direction_of("val/loss") == Direction.DOWN
    assert RULE.direction_of("metrics/mAP50") == Direction.UP


def test_several_tasks_and_tasks_without_a_row() -> None:
    table = MetricTable({"ppe": RULE, "": MetricRule(names=("F1",))})
    assert table.of("ppe+intrusion") == RULE
    assert table.of("bct").names == ("F1",)
    assert MetricTable({}).of("bct").names == DEFAULTS[""]


def test_every_task_that_a_scan_knows_has_a_default() -> None:
    assert {*TASKS.values(), *GENERAL.values()} == set(DEFAULTS)


@pytest.mark.django_db
def test_a_new_portal_has_the_defaults() -> None:
    assert dict(MainMetric.objects.values_list("task_type", "names")) == {
        task: list(names) for task, names in DEFAULTS.items()
    }
    assert main_metric_of("pose").main_of(["metrics/mAP50(B)", "metrics/mAP50(P)"]) == (
        "metrics/mAP50(P)"
    )
