"""The curves of a run: every metric that its folder has, with as many points as a screen shows."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from runs_app.records import curves
from runs_app.records.curves import MAX_POINTS, curves_of, thin


def write(folder: Path, name: str, *rows: Any) -> None:
    (folder / name).write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


def point(key: str, value: float, step: int, **more: Any) -> dict[str, Any]:
    return {"key": key, "value": value, "step": step, "timestamp_ms": 1000 * step} | more


def test_each_metric_is_a_curve_in_the_order_of_its_steps(tmp_path: Path) -> None:
    rows = [point("mAP50", 0.5, 2), point("loss", 2.5, 1), point("mAP50", 0.4, 1)]
    write(tmp_path, "metrics.jsonl", *rows)
    first, second = curves_of(tmp_path)
    assert (first.name, list(first.steps), list(first.values)) == ("mAP50", [1, 2], [0.4, 0.5])
    assert list(first.moments_ms) == [1000, 2000]
    assert (second.name, second.count) == ("loss", 1)


def test_run_without_points_has_no_curves(tmp_path: Path) -> None:
    assert curves_of(tmp_path) == ()
    assert curves_of(tmp_path / "missing") == ()


def test_lines_that_are_no_points_are_left_out(tmp_path: Path) -> None:
    lines = ["no json", '{"key": "loss"}', "[]", json.dumps(point("loss", 1.0, 2**60))]
    lines.append(json.dumps(point("loss", 0.5, 1)))
    (tmp_path / "metrics.jsonl").write_text("\n".join(lines), encoding="utf-8")
    [curve] = curves_of(tmp_path)
    assert list(curve.values) == [0.5]


def test_points_that_are_a_link_out_of_the_folder_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    write(tmp_path, "elsewhere.jsonl", point("loss", 1.0, 1))
    (tmp_path / "run" / "metrics.jsonl").symlink_to(tmp_path / "elsewhere.jsonl")
    assert curves_of(tmp_path / "run") == ()


def test_new_points_of_a_running_script_are_seen(tmp_path: Path) -> None:
    write(tmp_path, "live.jsonl", point("loss", 1.0, 1))
    assert [list(curve.values) for curve in curves_of(tmp_path)] == [[1.0]]
    write(tmp_path, "live.jsonl", point("loss", 1.0, 1), point("loss", 0.5, 2))
    assert [list(curve.values) for curve in curves_of(tmp_path)] == [[1.0, 0.5]]


def test_table_keeps_its_name_where_the_output_says_the_same(tmp_path: Path) -> None:
    write(
        tmp_path,
        "live.jsonl",
        point("loss", 1.0, 1, file="stdout"),
        point("loss", 1.01, 1, file="results.csv"),
    )
    names = {curve.name: list(curve.values) for curve in curves_of(tmp_path)}
    assert names["loss"] == [1.01]
    assert len(names) == 2


def test_saved_points_count_once_the_run_is_closed(tmp_path: Path) -> None:
    write(tmp_path, "live.jsonl", point("loss", 9.0, 1))
    write(tmp_path, "metrics.jsonl", point("loss", 1.0, 1))
    assert [list(curve.values) for curve in curves_of(tmp_path)] == [[1.0]]


def test_long_curve_keeps_its_ends_and_its_peaks(tmp_path: Path) -> None:
    values = [0.4 + step % 97 / 500 for step in range(20_000)]
    values[7_777], values[12_345] = 0.99, 0.01
    write(tmp_path, "metrics.jsonl", *(point("mAP50", v, s) for s, v in enumerate(values)))
    [curve] = curves_of(tmp_path)
    assert curve.count == 20_000
    assert len(curve.values) <= MAX_POINTS
    assert (curve.steps[0], curve.steps[-1]) == (0, 19_999)
    assert (max(curve.values), min(curve.values)) == (0.99, 0.01)
    assert list(curve.steps) == sorted(curve.steps)


@pytest.mark.parametrize("count", [0, 1, 2, 4, 5, 9, 1000])
def test_thinning_never_shows_more_than_asked(count: int) -> None:
    shown = thin([float(at % 7) for at in range(count)], 8)
    assert len(shown) == len(set(shown)) <= 8
    assert shown == list(range(count)) if count <= 8 else shown[-1] == count - 1


def test_values_that_are_no_numbers_are_thinned_too() -> None:
    assert len(thin([math.nan] * 100, 10)) <= 10


def test_more_metrics_than_a_page_shows_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(curves, "MAX_CURVES", 3)
    write(tmp_path, "metrics.jsonl", *(point(f"m{number}", 1.0, 1) for number in range(9)))
    assert [curve.name for curve in curves_of(tmp_path)] == ["m0", "m1", "m2"]
