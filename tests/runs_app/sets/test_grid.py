"""Grids of values, as people write them."""

from __future__ import annotations

import pytest

from runs_app.exceptions import RefusedError
from runs_app.sets.grid import combinations, label_of, parse_grid


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lr = 0.1, 0.01, 0.001", {"lr": ("0.1", "0.01", "0.001")}),
        ("lr=0.1,0.1, \n\n batch = 8", {"lr": ("0.1",), "batch": ("8",)}),
        ("", {}),
    ],
)
def test_one_line_is_one_parameter(text: str, expected: dict[str, tuple[str, ...]]) -> None:
    assert parse_grid(text) == expected


@pytest.mark.parametrize("text", ["lr", "lr =", "= 3", "l r = 3", "lr = 1\nlr = 2", "lr = , ,"])
def test_what_is_no_grid_is_refused(text: str) -> None:
    with pytest.raises(RefusedError):
        parse_grid(text)


def test_a_secret_value_is_in_no_name() -> None:
    values = {"lr": "0.1", "api_token": "hunter2"}
    assert label_of(values, hidden=("api_token",)) == "lr=0.1, api_token=***"


def test_every_combination_is_a_run_and_they_are_limited() -> None:
    found = combinations({"lr": ("0.1", "0.01"), "batch": ("8", "16")})
    assert [label_of(values) for values in found] == [
        "lr=0.1, batch=8",
        "lr=0.1, batch=16",
        "lr=0.01, batch=8",
        "lr=0.01, batch=16",
    ]
    with pytest.raises(RefusedError, match="60 runs are more than the 50"):
        combinations({"a": ("1",) * 6, "b": ("1",) * 10})
