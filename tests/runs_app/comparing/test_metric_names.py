"""Spellings of metrics, and the direction and unit that a name says."""

from __future__ import annotations

import pytest

from runs_app.choices import Direction
from runs_app.comparing.metric_names import direction_by_name, matches, short_name, unit_of


@pytest.mark.parametrize(
    ("pattern", "name", "is_match"),
    [
        ("mAP50(B)", "metrics/mAP50(B)", True),
        ("mAP50", "metrics/mAP50(B)", False),
        ("mAP50", "metrics/mAP50-95", False),
        ("mAP50", "overall.mAP50", True),
        ("mAP50", "headgear/mAP50", False),
        ("mAP_0.5", "metrics/mAP_0.5", True),
        ("mAP@0.5", "metrics/mAP_0.5", True),
        ("mAP@0.5", "metrics/mAP_0.5:0.95", False),
        ("mAP_50", "val coco/bbox_mAP_50", True),
        ("AP50", "bbox/AP50", True),
        ("val accuracy", "val_accuracy", True),
        ("accuracy", "val_accuracy", True),
        ("val accuracy", "accuracy", False),
        ("accuracy", "train accuracy", False),
        ("*mAP50", "headgear/mAP50", True),
        ("val*loss", "val/box_loss", True),
        ("val*loss", "train/box_loss", False),
        ("정확도", "검증 정확도", True),
        ("*(B)", "metrics/mAP50(M)", False),
        ("", "mAP50", False),
    ],
)
def test_spellings(pattern: str, name: str, is_match: bool) -> None:
    assert matches(pattern, name) is is_match


@pytest.mark.parametrize(
    ("name", "direction"),
    [
        ("metrics/mAP50(B)", Direction.UP),
        ("val/box_loss", Direction.DOWN),
        ("inference time", Direction.DOWN),
        ("top1_err", Direction.DOWN),
        ("검증 손실", Direction.DOWN),
        ("fps", Direction.UP),
        ("CER", Direction.DOWN),
        ("timely", Direction.UP),
    ],
)
def test_directions(name: str, direction: Direction) -> None:
    assert direction_by_name(name) == direction


@pytest.mark.parametrize(
    ("name", "unit"),
    [("latency_ms", "ms"), ("FPS", "fps"), ("acc (%)", "%"), ("mAP50", ""), ("PSNR", "dB")],
)
def test_units(name: str, unit: str) -> None:
    assert unit_of(name) == unit


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("metrics/mAP50(B)", "mAP50(B)"),
        ("val coco/bbox_mAP_50", "mAP_50"),
        ("val_accuracy", "accuracy"),
        ("headgear/mAP50", "headgear/mAP50"),
        ("mAP@0.5", "mAP@0.5"),
        ("val/", "val/"),
        ("검증 정확도", "정확도"),
    ],
)
def test_short_names(name: str, short: str) -> None:
    assert short_name(name) == short
