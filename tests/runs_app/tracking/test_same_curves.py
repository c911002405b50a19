"""Curves that a framework's callback logs and its table holds are repeated apart from others."""

from __future__ import annotations

from collections.abc import Sequence

from runs_app.runner.outputs.metric_points import MetricPoint
from runs_app.tracking.same_curves import curves_of, without_known

LOSS = [0.912345, 0.7123456, 0.50004, 0.4, 0.39, 0.38, 0.37, 0.36, 0.35, 0.34, 0.33, 0.32]


def points(key: str, values: Sequence[float], first: int = 0) -> list[MetricPoint]:
    return [
        MetricPoint(key=key, value=value, step=step, timestamp_ms=step)
        for step, value in enumerate(values, start=first)
    ]


def repeated(
    own: list[MetricPoint], table: list[MetricPoint]
) -> tuple[list[MetricPoint], set[str]]:
    names: set[str] = set()
    return list(without_known(own, curves_of(table), names)), names


def test_rounded_curve_of_a_table_that_counts_from_one_is_the_same() -> None:
    table = points("train/box_loss", [float(f"{value:.4g}") for value in LOSS], first=1)
    assert repeated(points("train/box_loss", LOSS), table) == ([], {"train/box_loss"})


def test_signs_that_a_callback_leaves_out_of_a_name_do_not_matter() -> None:
    table = points("metrics/mAP50(B)", LOSS)
    assert repeated(points("metrics/mAP50B", LOSS), table)[1] == {"metrics/mAP50B"}


def test_value_of_a_last_validation_beside_the_curve_stays() -> None:
    last = MetricPoint(key="loss", value=0.2, step=len(LOSS) - 1, timestamp_ms=99)
    assert repeated([*points("loss", LOSS), last], points("loss", LOSS)) == ([last], {"loss"})


def test_short_training_that_validates_once_more_at_its_end_is_the_same() -> None:
    own = points("metrics/mAP50B", [0.1, 0.2, 0.2])
    assert repeated(own, points("metrics/mAP50(B)", [0.1, 0.2], first=1)) == (
        own[2:],
        {"metrics/mAP50B"},
    )


def test_zeros_of_each_step_are_not_those_of_each_epoch() -> None:
    own = points("skipped", [0.0] * 12)
    assert repeated(own, points("skipped", [0.0] * 2)) == (own, set())


def test_other_curves_and_other_names_stay_whole() -> None:
    other = [value * 1.5 for value in LOSS]
    own = [*points("loss", other), *points("accuracy", LOSS)]
    assert repeated(own, points("loss", LOSS)) == (own, set())


def test_curve_that_is_the_same_at_its_beginning_only_stays_whole() -> None:
    own = points("loss", [*LOSS[:3], *[9.0] * 9])
    assert repeated(own, points("loss", LOSS)) == (own, set())


def test_values_that_are_no_numbers_are_the_same() -> None:
    values = [float("nan"), float("inf"), 1.0]
    assert repeated(points("loss", values), points("loss", values)) == ([], {"loss"})
