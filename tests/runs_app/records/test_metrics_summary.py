"""Metrics of a run in one line each."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from runs_app.records import metrics_summary
from runs_app.records.metrics_summary import summarise_live, summarise_points


def keep(folder: Path, *points: tuple[str, float]) -> None:
    lines = [
        json.dumps({"key": key, "value": value, "step": step, "timestamp_ms": 0})
        for step, (key, value) in enumerate(points)
    ]
    (folder / "metrics.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_each_metric_has_its_last_least_and_greatest_value(tmp_path: Path) -> None:
    keep(tmp_path, ("loss", 0.5), ("acc", 1.0), ("loss", 2.0), ("loss", 1.0))
    acc, loss = summarise_points(tmp_path)
    assert (acc.key, acc.last, acc.points) == ("acc", 1.0, 1)
    assert (loss.last, loss.least, loss.greatest, loss.points) == (1.0, 0.5, 2.0, 3)
    assert (loss.last_text, loss.least_text, loss.greatest_text) == ("1", "0.5", "2")


@pytest.mark.parametrize("values", [(math.nan, 1.0, 3.0), (1.0, math.nan, 3.0)])
def test_value_that_is_no_number_is_neither_least_nor_greatest(
    tmp_path: Path, values: tuple[float, ...]
) -> None:
    keep(tmp_path, *(("loss", value) for value in values))
    (loss,) = summarise_points(tmp_path)
    assert (loss.least, loss.greatest) == (1.0, 3.0)


def test_run_without_metrics_has_no_lines(tmp_path: Path) -> None:
    assert summarise_points(tmp_path) == []


def test_broken_lines_are_passed_over(tmp_path: Path) -> None:
    good = b'{"key": "loss", "value": 1, "step": 0, "timestamp_ms": 0}'
    bad = [b"", b"{", b"[]", b'{"key": "a"}', b'{"key": "a", "value": "x"}', b"\xff", b"null"]
    (tmp_path / "metrics.jsonl").write_bytes(b"\n".join([*bad, good]))
    assert [point.key for point in summarise_points(tmp_path)] == ["loss"]


def test_number_of_metrics_is_bounded(tmp_path: Path) -> None:
    keep(tmp_path, *((f"key{number}", 1.0) for number in range(metrics_summary.MAX_KEYS + 5)))
    assert len(summarise_points(tmp_path)) == metrics_summary.MAX_KEYS


def test_the_first_value_that_is_no_number_is_reported_with_its_step(tmp_path: Path) -> None:
    keep(tmp_path, ("loss", 1.0), ("loss", math.nan), ("loss", math.inf))
    (loss,) = summarise_points(tmp_path)
    assert loss.bad_step == 1


def test_so_far_a_table_and_the_log_are_distinguished(tmp_path: Path) -> None:
    rows = [("stdout", "loss", 9.0), ("a.csv", "loss", 0.5), ("stdout", "acc", 0.75)]
    (tmp_path / "live.jsonl").write_text(
        "".join(
            json.dumps({"key": key, "value": value, "step": 1, "timestamp_ms": 0, "file": file})
            + "\n"
            for file, key, value in rows
        )
    )
    assert {item.key: (item.last, item.file) for item in summarise_live(tmp_path)} == {
        "loss": (0.5, "a.csv"),
        "stdout/loss": (9.0, "stdout"),
        "acc": (0.75, "stdout"),
    }
