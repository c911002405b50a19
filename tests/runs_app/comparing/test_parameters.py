"""Which parameters differ from the previous run, and how they are stored."""

from __future__ import annotations

import pytest

from runs_app.comparing.parameters import changes, parameter_rows
from runs_app.models import Run


@pytest.mark.parametrize(
    ("before", "now", "changed"),
    [
        ({"epochs": 40}, {"epochs": 40}, {}),
        ({"epochs": 40}, {"epochs": "40"}, {}),
        ({"epochs": 40}, {"epochs": 80}, {"epochs": ("40", "80")}),
        ({}, {"imgsz": 960}, {"imgsz": (None, "960")}),
        ({"imgsz": 960}, {}, {"imgsz": ("960", None)}),
        ({"sizes": [1, 2]}, {"sizes": [1, 2, 3]}, {"sizes": ("1 2", "1 2 3")}),
        ({"token": "1"}, {"token": "2"}, {}),
    ],
)
def test_only_what_differs(
    before: dict[str, object], now: dict[str, object], changed: dict[str, tuple[object, object]]
) -> None:
    found = changes(before, now, secrets={"token"})
    assert found == {name: {"before": one, "now": two} for name, (one, two) in changed.items()}


def test_values_become_text_and_number() -> None:
    params = {
        "epochs": 40,
        "lr": "1e-3",
        "amp": True,
        "name": "a\0b\ud800",
        "huge": "1e999",
        "classes": ["안전모", "조 끼"],
        "token": "••••",
    }
    rows = parameter_rows(Run(params=params, secrets=["token"]))
    assert [(row.name, row.text, row.number) for row in rows] == [
        ("epochs", "40", 40.0),
        ("lr", "1e-3", 0.001),
        ("amp", "True", None),
        ("name", "a�b?", None),
        ("huge", "1e999", None),
        ("classes", "'안전모' '조 끼'", None),
    ]


def test_a_long_value_keeps_its_ends() -> None:
    (row,) = parameter_rows(Run(params={"weights": "/nas/" + "x" * 400 + "/best.pt"}))
    assert len(row.text) == 250
    assert row.text.startswith("/nas/x")
    assert row.text.endswith("x/best.pt")
