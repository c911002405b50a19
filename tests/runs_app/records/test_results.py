"""The record of what was looked at, and what came of it."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from registry_app.results import reasons
from registry_app.results.rows import Skipped
from runs_app.records import results
from runs_app.runner.outputs.metric_points import Collected, MetricPoint, SourceRecord
from runs_app.texts import results as texts


def point(key: str, value: float, step: int = 1, *, was_before: bool = False) -> MetricPoint:
    return MetricPoint(
        key=key, value=value, step=step, timestamp_ms=0, file="a.csv", was_before=was_before
    )


COLLECTED = Collected(
    points=(
        point("mAP50(B)", 0.5, was_before=True),
        point("mAP50(B)", 0.25, 2),
        point("손실", math.nan),
        point("손실", -math.inf, 2),
    ),
    sources=(
        SourceRecord(source="a.csv", reader="table", points=4, notes=(texts.ALSO_BEFORE(count=1),)),
        SourceRecord(
            source="b.csv",
            reason=texts.NOT_KEPT(),
            skipped={"eta": Skipped(count=3, reason=reasons.NEVER())},
        ),
    ),
    seen={"mAP50(B)": 10},
)


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    results.write(tmp_path, COLLECTED, keys={"mAP50(B)": "mAP50B"})
    found = results.read(tmp_path)
    assert found.sources == COLLECTED.sources
    assert not found.is_older
    assert not found.is_live
    box, loss = found.metrics
    assert (box.last, box.least, box.greatest, box.points, box.seen) == (0.25, 0.25, 0.5, 2, 10)
    assert (box.file, box.points_before, box.bad_step) == ("a.csv", 1, None)
    assert math.isnan(loss.least) is False
    assert (loss.last, loss.bad_step) == (-math.inf, 1)


def test_the_file_is_json_that_any_program_reads(tmp_path: Path) -> None:
    results.write(tmp_path, COLLECTED, keys={"mAP50(B)": "mAP50B"})

    def refuse(word: str) -> None:
        raise AssertionError(word)

    row = json.loads((tmp_path / "results.json").read_text(), parse_constant=refuse)
    assert row["metrics"]["mAP50(B)"]["mlflow_key"] == "mAP50B"
    assert row["metrics"]["손실"]["last"] == "-Infinity"
    assert row["sources"][1]["reason"] == ["result_not_kept", {}]


def test_a_run_of_an_older_version_says_so_and_keeps_its_names(tmp_path: Path) -> None:
    row = {"key": "metrics/mAP50B", "value": 0.5, "step": 1, "timestamp_ms": 0}
    (tmp_path / "metrics.jsonl").write_text(json.dumps(row) + "\n")
    found = results.read(tmp_path)
    assert (found.is_older, [metric.key for metric in found.metrics]) == (True, ["metrics/mAP50B"])


def test_a_running_script_has_results_so_far(tmp_path: Path) -> None:
    row = {"key": "loss", "value": 0.5, "step": 1, "timestamp_ms": 0, "file": "a.csv"}
    (tmp_path / "live.jsonl").write_text(json.dumps(row) + "\n")
    found = results.read(tmp_path)
    assert (found.is_live, found.is_older) == (True, False)
    assert [metric.key for metric in found.metrics] == ["loss"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        '{"format": 2}',
        '{"format": 1}',
        '{"format": 1, "metrics": [], "sources": {}}',
        '{"format": 1, "metrics": {"a": {}}, "sources": []}',
        '{"format": 1, "metrics": {}, "sources": [{"source": "a"}]}',
    ],
)
def test_a_record_that_the_portal_cannot_have_written_says_nothing(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "results.json").write_text(text)
    found = results.read(tmp_path)
    assert (found.metrics, found.sources) == ((), ())
