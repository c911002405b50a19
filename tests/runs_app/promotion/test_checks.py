"""What stands against a promotion, as sentences in the order in which people fix it."""

from __future__ import annotations

from typing import Any

import pytest

from runs_app.promotion.checks import Evidence, problems
from runs_app.promotion.classes import Stated

FINE: dict[str, Any] = {
    "experiment": "sampyo-ppe",
    "proved": 4,
    "is_confirmed": True,
    "path": "best.onnx",
    "metric": "mAP50",
    "evaluation": 7,
    "value": 0.8,
    "has_parity": True,
    "registered": ("headgear", "hook"),
    "stated": (Stated(source="best.onnx", names=("headgear", "hook")),),
    "model": "sampyo-ppe",
}


def said(**changed: Any) -> list[str]:
    return [str(message) for message in problems(Evidence(**(FINE | changed)))]


def test_nothing_stands_against_a_promotion_with_all_evidence() -> None:
    assert said() == []


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"proved": 3}, "sampyo-ppe is proved up to stage 3; a promotion needs stage 4."),
        ({"is_confirmed": False}, "The metadata of sampyo-ppe is not complete and confirmed."),
        (
            {"evaluation": None},
            (
                "No successful evaluation or inference run of sampyo-ppe had best.onnx among its "
                "inputs and reported mAP50. Run one with this file."
            ),
        ),
        (
            {"stated": (Stated(source="best.onnx", names=("hook",)),)},
            "The classes differ: best.onnx has hook, the registry has headgear, hook.",
        ),
        (
            {"same_name": "sampyo/ppe"},
            (
                "The model would be called sampyo-ppe, as that of sampyo/ppe. Rename one of the "
                "experiments."
            ),
        ),
    ],
)
def test_each_problem_is_one_sentence(changed: dict[str, Any], sentence: str) -> None:
    assert said(**changed) == [sentence]


def test_the_approver_says_that_classes_are_right_where_no_plain_file_does() -> None:
    assert Evidence(**FINE).needs_tick is False
    assert Evidence(**(FINE | {"stated": ()})).needs_tick is True
    assert said(stated=()) == []
