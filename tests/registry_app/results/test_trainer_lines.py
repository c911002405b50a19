"""The record of a trainer: metrics by name and step, whatever else and however broken it is."""

from __future__ import annotations

import json

import pytest

from registry_app.results.choosing import choose
from registry_app.results.documents.trainer_lines import TrainerLines
from registry_app.results.reading import read

METRIC = {"kind": "metric", "time": 1.8e9, "name": "loss", "value": 0.5, "step": 3}


def points(*lines: object) -> list[tuple[str, int, float]]:
    text = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
    reading = read("trainer.jsonl", iter([text.encode()]))
    return [(s.name, point.step, point.value) for s in reading.series for point in s.points]


@pytest.mark.parametrize(
    "path", ["trainer.jsonl", "guardianflow-out/20270101-101010/trainer.jsonl"]
)
def test_the_reader_is_chosen_by_the_name(path: str) -> None:
    assert isinstance(choose(path, b'{"kind": "header"}\n'), TrainerLines)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (METRIC, [("loss", 3, 0.5)]),
        ({**METRIC, "name": "anything at all"}, [("anything at all", 3, 0.5)]),
        ({**METRIC, "step": None}, [("loss", 0, 0.5)]),
        ({"kind": "header", "config": {"lr": 0.1}}, []),
        ({"kind": "artifact", "size_bytes": 7}, []),
        ({**METRIC, "value": "0.5"}, []),
        ({**METRIC, "name": ""}, []),
        ("not json", []),
        ("[1]", []),
    ],
)
def test_only_metrics_are_read(line: object, found: list[tuple[str, int, float]]) -> None:
    assert points({"kind": "header"}, line) == found


def test_a_line_that_was_cut_costs_that_line_alone() -> None:
    assert points(METRIC, '{"kind": "metric", "na', {**METRIC, "step": 4}) == [
        *[("loss", 3, 0.5), ("loss", 4, 0.5)],
    ]
