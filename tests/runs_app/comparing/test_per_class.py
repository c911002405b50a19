"""Which metrics are those of single classes."""

from __future__ import annotations

import pytest

from runs_app.comparing.per_class import per_class


def test_metrics_of_known_classes_by_class_and_measure() -> None:
    metrics = [
        *("metrics/mAP50(B)", "train/box_loss", "mAP50"),
        *("helmet/mAP50", "helmet/R", "No vest.precision", "Head/mAP50", "other/mAP50"),
    ]
    assert per_class(metrics, ("helmet", "head", "no vest")) == {
        "helmet": {"mAP50": "helmet/mAP50", "R": "helmet/R"},
        "No vest": {"precision": "No vest.precision"},
        "Head": {"mAP50": "Head/mAP50"},
    }


@pytest.mark.parametrize(
    ("metrics", "classes"),
    [
        (("helmet/mAP50", "head/mAP50", "mAP50"), {"helmet", "head"}),
        (("안전모/mAP50", "사람/mAP50"), {"안전모", "사람"}),
        (("scratch.precision", "dent.precision", "dent.recall"), {"scratch", "dent"}),
        (("helmet/mAP50",), set()),
        (("train/loss", "val/loss", "test/accuracy"), set()),
        (("metrics/precision", "metrics/recall"), set()),
        (("lr/pg0", "lr/pg1"), set()),
        (("confusion/a/b", "confusion/b/a"), set()),
        (("a/", "/b", ".", "/"), set()),
    ],
)
def test_without_known_classes_names_that_share_a_measure(
    metrics: tuple[str, ...], classes: set[str]
) -> None:
    assert set(per_class(metrics)) == classes


def test_a_known_class_with_a_separator_in_its_name() -> None:
    assert per_class(["vest/on.mAP50"], ("vest/on", "vest")) == {
        "vest": {"on.mAP50": "vest/on.mAP50"}
    }
