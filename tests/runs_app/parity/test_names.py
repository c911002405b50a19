"""What parameters mean, by their names, and what a control makes of them."""

from __future__ import annotations

from typing import Any

import pytest

from runs_app.parity.names import (
    half_the_length,
    length_name,
    number_of,
    seed_name,
    third_of_the_rate,
)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["data", "seed"], "seed"),
        (["--manualSeed"], "--manualSeed"),
        (["random-state", "lr"], "random-state"),
        (["seeds_of_plants", "data"], ""),
    ],
)
def test_seeds_are_known_by_name(names: list[str], expected: str) -> None:
    assert seed_name(names) == expected


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"epochs": 5}, ("epochs", 2)),
        ({"num_epochs": "100", "lr": 0.1}, ("num_epochs", 50)),
        ({"max_steps": 3, "epochs": 4}, ("epochs", 2)),
        ({"epochs": 1}, None),
        ({"epochs": 2.5}, None),
        ({"epochs": "auto"}, None),
        ({"epochs": None}, None),
        ({"lr": 0.1}, None),
    ],
)
def test_the_length_is_halved(params: dict[str, Any], expected: tuple[str, int] | None) -> None:
    assert half_the_length(params) == expected


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"lr": 0.01}, ("lr", 0.00333333)),
        ({"learning_rate": "3e-4"}, ("learning_rate", 0.0001)),
        ({"lr0": 0.0}, None),
        ({"momentum": 0.9}, None),
    ],
)
def test_the_learning_rate_is_divided_by_three(
    params: dict[str, Any], expected: tuple[str, float] | None
) -> None:
    assert third_of_the_rate(params) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3, 3.0), ("0.5", 0.5), (True, None), ("nan", None), ([1], None), ("", None)],
)
def test_numbers_of_parameters(value: object, expected: float | None) -> None:
    assert number_of(value) == expected


def test_the_length_of_a_training_prefers_epochs() -> None:
    assert length_name(["iters", "epochs"]) == "epochs"
