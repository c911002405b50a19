"""Which metrics a comparison looks at, and what it takes for no difference."""

from __future__ import annotations

import pytest

from runs_app.comparing.default_metrics import DEFAULTS
from runs_app.comparing.main_metric import MetricRule
from runs_app.parity.metrics import chosen, counts, floor, is_loss

MAIN = MetricRule(names=DEFAULTS["ppe"])
COUNT = (
    "val/box_loss|train loss|valLoss|metrics/mAP50(B)|f1-score|정확도|검증 손실|top5_acc|val MAE"
)
NOT = (
    "epoch|time|epoch time|images_per_sec|fps|inference time|lr/pg0|learning_rate|lr0|global_step"
    "|gpu_mem|batch_size|seed|samples|train_time_ms|model size|추론시간"
)


@pytest.mark.parametrize("name", COUNT.split("|"))
def test_what_was_learned_counts(name: str) -> None:
    assert counts(name)


@pytest.mark.parametrize("name", NOT.split("|"))
def test_times_counters_and_settings_do_not_count(name: str) -> None:
    assert not counts(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("train/box_loss", True), ("valLoss", True), ("손실", True), ("MAE", True), ("mAP50", False)],
)
def test_losses_are_known_by_their_words(name: str, expected: bool) -> None:
    assert is_loss(name) is expected


def test_the_main_metric_and_a_loss_of_the_validation_come_first() -> None:
    reported = ["epoch", "time", "train/box_loss", "metrics/precision(B)", "metrics/recall(B)"]
    reported += [
        "metrics/mAP50(B)",
        "metrics/mAP50-95(B)",
        "val/box_loss",
        "val/cls_loss",
        "lr/pg0",
    ]
    assert chosen(reported, MAIN) == (
        "metrics/mAP50(B)",
        "val/box_loss",
        "metrics/mAP50-95(B)",
        "val/cls_loss",
    )
    assert chosen(["epoch", "acc", "loss"], MAIN) == ("acc", "loss")
    assert chosen(["unheard of", "odd"], MAIN) == ("unheard of", "odd")
    assert chosen(["epoch"], MAIN) == ()


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("mAP50", [0.81, 0.8], 0.002),
        ("mAP50(B)", [0.81, 0.8], 0.002),
        ("accuracy", [91.0, 92.5], 0.2),
        ("accuracy (%)", [0.4, 0.5], 0.2),
        ("val loss", [2.0, 4.0], 0.03),
        ("score", [50.0, 150.0], 1.0),
        ("loss", [], 0.0),
    ],
)
def test_floors_are_small(name: str, values: list[float], expected: float) -> None:
    assert floor(name, values, []) == pytest.approx(expected)
