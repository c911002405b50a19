"""Values of metrics and their differences, as pages show them."""

from __future__ import annotations

import pytest

from runs_app.choices import Direction
from runs_app.comparing.wording import difference, metric_text


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("mAP50", 0.93123, "0.931"),
        ("mAP50", 0.0, "0"),
        ("val/loss", 0.00003216, "3.216e-05"),
        ("latency_ms", 12.345678, "12.35 ms"),
        ("throughput fps", 2345.6, "2346 fps"),
        ("mAP50", None, "–"),
    ],
)
def test_values(name: str, value: float | None, text: str) -> None:
    assert metric_text(name, value) == text


@pytest.mark.parametrize(
    ("value", "base", "direction", "text", "is_better"),
    [
        (0.931, 0.918, Direction.UP, "+1.3%p", True),
        (0.918, 0.931, Direction.UP, "−1.3%p", False),
        (0.9311, 0.9312, Direction.UP, "0.0%p", None),
        (0.2, 0.3, Direction.DOWN, "−0.100", True),
        (12.5, 10.0, Direction.DOWN, "+2.5", False),
        (1.0, 1.0, Direction.DOWN, "0", None),
    ],
)
def test_differences(
    value: float, base: float, direction: Direction, text: str, is_better: bool | None
) -> None:
    found = difference(value, base, direction)
    assert (found.text, found.is_better) == (text, is_better)
