"""Numbers that a run leaves in its files and its output, and the record of what was looked at."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from registry_app.results.choosing import log_reader
from registry_app.results.curves import Curves
from registry_app.results.reading import finished, rows_of
from runs_app.runner.outputs import metrics, sources
from runs_app.runner.outputs.before import OldFiles, keep
from runs_app.runner.outputs.metric_points import Collected, LivePoint, MetricPoint, SourceRecord
from runs_app.runner.outputs.metrics import collect_metrics
from runs_app.runner.outputs.snapshot import take
from runs_app.runner.outputs.sources import ResultFile
from runs_app.runner.own_file import open_own

START_S, END_S = 1_000, 1_100
WRITTEN_S = 1_050

ULTRALYTICS = """\
                  epoch,                   time,         train/box_loss,   metrics/mAP50(B)
                      1,                12.5,                1.25,                0.5
                      2,                 25,                1.125,               0.75
"""
TABLE = "epoch,loss\n1,0.5\n2,0.25\n"


class Stage:
    """An experiment directory and a run folder; what is written before `start` was there before."""

    def __init__(self, base: Path) -> None:
        self.directory, self.folder = base / "experiment", base / "run"
        self.directory.mkdir()
        self.folder.mkdir()
        self.before = take(self.directory)
        self.rewritten: set[str] = set()

    def write(self, path: str, data: str | bytes, *, at_s: float = WRITTEN_S) -> None:
        file = self.directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data if isinstance(data, bytes) else data.encode())
        os.utime(file, (at_s, at_s))

    def start(self) -> None:
        self.before = take(self.directory)
        keep(self.directory, self.before, self.folder, is_wanted=lambda path: True)

    def print(self, stream: str, text: str) -> None:
        (self.folder / f"{stream}.log").write_text(text, encoding="utf-8")

    def end(self, *, live: list[LivePoint] | None = None, **params: str) -> Collected:
        after = take(self.directory)
        files = [
            ResultFile(
                path=path,
                open=lambda path=path: open_own(self.directory / path),  # type: ignore[misc]
                before=self.before.files.get(path),
                after=seen,
                was_rewritten=path in self.rewritten,
            )
            for path, seen in after.files.items()
            if seen != self.before.files.get(path)
        ]
        return collect_metrics(
            files,
            self.folder,
            old=OldFiles.load(self.folder),
            params=params,
            started_ms=START_S * 1000,
            finished_ms=END_S * 1000,
            live=live or [],
        )


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def values(collected: Collected) -> dict[tuple[str, int], float]:
    return {(point.key, point.step): point.value for point in collected.points}


def record(collected: Collected, source: str) -> SourceRecord:
    return next(one for one in collected.sources if one.source == source)


def told(collected: Collected, source: str) -> str:
    one = record(collected, source)
    return "; ".join(str(message) for message in [one.reason, *one.notes] if message)


def test_a_table_gives_points_with_its_own_names_lines_and_times(stage: Stage) -> None:
    stage.write("runs/train/results.csv", ULTRALYTICS)
    found = stage.end()
    file = "runs/train/results.csv"
    assert found.points[:2] == (
        MetricPoint(
            key="train/box_loss", value=1.25, step=1, timestamp_ms=1_012_500, file=file, line=2
        ),
        MetricPoint(
            key="train/box_loss", value=1.125, step=2, timestamp_ms=1_025_000, file=file, line=3
        ),
    )
    assert found.points[2].key == "metrics/mAP50(B)"
    assert record(found, file).points == 4


def test_a_table_without_times_has_that_of_its_file(stage: Stage) -> None:
    stage.write("log.csv", TABLE)
    assert {point.timestamp_ms for point in stage.end().points} == {WRITTEN_S * 1000}


@pytest.mark.parametrize("at_s", [1, 10**10])
def test_a_time_outside_of_the_run_is_not_believed(stage: Stage, at_s: float) -> None:
    stage.write("log.csv", TABLE, at_s=at_s)
    moments = {point.timestamp_ms for point in stage.end().points}
    assert moments <= {START_S * 1000, END_S * 1000}


def test_a_line_of_the_log_has_the_time_at_which_it_was_printed(stage: Stage) -> None:
    first, second = "epoch 1 loss: 0.5\n", "epoch 2 loss: 0.4\n"
    stage.print("stderr", first + second)
    (stage.folder / "output.index").write_text(
        f"1010 0 {len(first)}\n1020 0 {len(first + second)}\n"
    )
    found = stage.end()
    assert [(point.step, point.timestamp_ms, point.file) for point in found.points] == [
        (1, 1_010_000, "stderr"),
        (2, 1_020_000, "stderr"),
    ]


def test_settings_and_tables_do_not_keep_the_log_from_being_read(stage: Stage) -> None:
    stage.write("config.json", '{"num_classes": 3, "img_size": 640}')
    stage.write("log.csv", "epoch,acc\n1,0.75\n")
    stage.print("stdout", "epoch 1 loss: 0.5\n")
    found = stage.end()
    assert values(found) == {("acc", 1): 0.75, ("loss", 1): 0.5}
    assert told(found, "config.json") == "a settings file, not results"
    assert (record(found, "stdout").points, record(found, "stderr").points) == (1, 0)


def test_what_gave_nothing_is_recorded_with_the_reason(stage: Stage) -> None:
    stage.write("metrics.json", '{"loss": ')
    stage.write("empty.csv", "")
    stage.print("stdout", "nothing to see\n")
    found = stage.end()
    assert found.points == ()
    assert all(told(found, source) for source in ("metrics.json", "empty.csv", "stdout"))


# What a file held before, what it holds after the run, the steps that count, what is said.
@pytest.mark.parametrize(
    ("old", "new", "steps", "said"),
    [
        (None, TABLE, [1, 2], ""),
        ("epoch,loss\n0,9\n1,8\n", "epoch,loss\n0,9\n1,8\n1,0.5\n", [1], "2 values from before"),
        ("epoch,loss\n0,9", "epoch,loss\n0,9\n1,0.5\n", [1], "1 values from before"),
        # the same seeded script again: the same bytes, and all of them new
        (TABLE, TABLE, [1, 2], "first 2 values existed before"),
        # gone back to a checkpoint: the beginning is the old one, the rest is another
        (
            "epoch,loss\n0,9\n1,8\n2,7\n",
            "epoch,loss\n0,9\n1,8\n2,6\n3,5\n",
            [0, 1, 2, 3],
            "first 2 values existed before",
        ),
        ("epoch,loss\n0,9\n1,8\n", "epoch,loss\n0,4\n1,3\n", [0, 1], ""),
        ("epoch,loss\n0,9\n1,8\n", "epoch,loss\n0,4\n", [0], ""),
        ("", TABLE, [1, 2], ""),
    ],
)
def test_only_the_rows_of_this_run_count(
    stage: Stage, old: str | None, new: str, steps: list[int], said: str
) -> None:
    if old is not None:
        stage.write("results.csv", old, at_s=500)
        stage.start()
    stage.write("results.csv", new)
    found = stage.end()
    assert [point.step for point in found.points] == steps
    assert said in told(found, "results.csv")
    assert bool(said) or not told(found, "results.csv")


def jsonl(*rows: tuple[int, float]) -> str:
    return "".join(f'{{"epoch": {epoch}, "loss": {loss}}}\n' for epoch, loss in rows)


def history(*rows: tuple[int, float]) -> str:
    return "[" + ", ".join(f'{{"epoch": {epoch}, "loss": {loss}}}' for epoch, loss in rows) + "]"


def test_rows_of_json_lines_that_were_there_before_do_not_count(stage: Stage) -> None:
    stage.write("log.jsonl", jsonl((0, 9), (1, 8)), at_s=500)
    stage.start()
    stage.write("log.jsonl", jsonl((0, 9), (1, 8), (2, 7)))
    assert values(stage.end()) == {("loss", 2): 7.0}


def test_lines_of_a_log_file_that_were_there_before_are_not_even_read(stage: Stage) -> None:
    """What they named last would be the step of what follows."""
    stage.write("eval.log", "mAP50: 0.1\nmAP50: 0.2\n", at_s=500)
    stage.start()
    stage.write("eval.log", "mAP50: 0.1\nmAP50: 0.2\nmAP50: 0.7\n")
    found = stage.end()
    assert [(point.step, point.value, point.line) for point in found.points] == [(0, 0.7, 3)]
    assert "2 lines from before" in told(found, "eval.log")


def test_a_log_file_repeats_the_output_which_knows_the_times(stage: Stage) -> None:
    line = "epoch 1 loss: 0.5\n"
    stage.write("train.log", line)
    stage.print("stderr", line)
    (stage.folder / "output.index").write_text(f"1010 0 {len(line)}\n")
    found = stage.end()
    assert [(point.file, point.timestamp_ms) for point in found.points] == [("stderr", 1_010_000)]
    assert told(found, "train.log") == "stderr has the same values (loss)"


def test_the_beginning_of_a_document_is_marked_as_also_there_before(stage: Stage) -> None:
    stage.write("history.json", history((0, 9), (1, 8)), at_s=500)
    stage.start()
    stage.write("history.json", history((0, 9), (1, 8), (2, 7)))
    found = stage.end()
    assert [(point.step, point.was_before) for point in found.points] == [
        (0, True),
        (1, True),
        (2, False),
    ]


def test_a_table_that_was_seen_shorter_was_written_from_its_beginning(stage: Stage) -> None:
    """Its old bytes are the beginning of the new ones, and yet all rows are of this run."""
    stage.write("results.csv", TABLE, at_s=500)
    stage.start()
    stage.write("results.csv", TABLE + "3,0.1\n")
    stage.rewritten.add("results.csv")
    found = stage.end()
    assert [(point.step, point.was_before) for point in found.points] == [
        (1, True),
        (2, True),
        (3, False),
    ]


def test_a_file_whose_times_alone_changed_gives_nothing(stage: Stage) -> None:
    stage.write("results.csv", TABLE, at_s=500)
    stage.start()
    (stage.directory / "results.csv").chmod(0o600)
    found = stage.end()
    assert found.points == ()
    assert "not written again" in told(found, "results.csv")


def test_a_number_of_the_parameters_in_a_summary_is_no_metric(stage: Stage) -> None:
    stage.write("metrics.json", '{"mAP50": 0.9, "lr": 0.01}')
    assert values(stage.end(lr="0.01")) == {("mAP50", 0): 0.9}


def test_a_long_series_is_thinned_and_keeps_its_ends_and_extremes(stage: Stage) -> None:
    rows = [f"{step},{1 / (step + 1):.6f}" for step in range(20_000)]
    rows[7_777], rows[8_888] = "7777,-3", "8888,5"
    stage.write("results.csv", "step,loss\n" + "\n".join(rows) + "\n")
    found = stage.end()
    points = {point.step: point.value for point in found.points}
    assert len(points) < 6_000
    assert {0: 1.0, 7_777: -3.0, 8_888: 5.0}.items() <= points.items()
    assert max(points) == 19_999
    assert found.seen == {"loss": 20_000}
    assert "of 20000 points kept" in told(found, "results.csv")


def test_all_series_together_are_bounded(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "MAX_POINTS", 100)
    rows = "".join(f"{step},{step},{-step},1\n" for step in range(1000))
    stage.write("results.csv", f"step,a_loss,b_loss,c_loss\n{rows}")
    found = stage.end()
    assert len(found.points) <= 120
    assert found.seen == dict.fromkeys(("a_loss", "b_loss", "c_loss"), 1000)
    assert {point.step for point in found.points} >= {0, 999}


def test_points_in_memory_are_bounded_however_wide_the_tables(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "MAX_POINTS_READ", 2_000)
    names = [f"c{number}_loss" for number in range(100)]
    table = f"epoch,{','.join(names)}\n" + "".join(
        f"{epoch},{','.join(['0.5'] * 100)}\n" for epoch in range(200)
    )
    for path in ("a.csv", "b.csv", "c.csv"):
        stage.write(path, table.replace("0.5", str(len(path) / 10 + ord(path[0]))))
    found = stage.end()
    assert len(found.points) < 4_000
    assert record(found, "a.csv").points > 0
    assert "so many points" in told(found, "c.csv")


def test_a_huge_file_is_not_read_and_says_so(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_FILE_BYTES", 10)
    stage.write("results.csv", TABLE)
    found = stage.end()
    assert found.points == ()
    assert "larger than" in told(found, "results.csv")


def test_of_a_huge_log_both_ends_are_read(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_LOG_HALF_BYTES", 40)
    stage.print("stdout", "".join(f"epoch {number} loss: 0.{number}\n" for number in range(1, 10)))
    found = stage.end()
    assert [point.step for point in found.points] == [1, 2, 8, 9]
    assert "were read" in told(found, "stdout")


def test_what_both_a_table_and_the_log_say_is_told_once(stage: Stage) -> None:
    stage.write("results.csv", "epoch,loss\n0,0.54321\n1,0.43219\n")
    stage.print("stdout", "epoch 1 loss: 0.543\nepoch 2 loss: 0.432\n")
    found = stage.end()
    assert [(point.key, point.file) for point in found.points] == [("loss", "results.csv")] * 2
    assert told(found, "stdout") == "results.csv has the same values (loss)"


def test_a_log_that_says_something_else_has_a_name_of_its_own(stage: Stage) -> None:
    stage.write("results.csv", TABLE)
    stage.print("stdout", "epoch 1 loss: 9\n")
    assert values(stage.end()) == {
        ("loss", 1): 0.5,
        ("loss", 2): 0.25,
        ("stdout/loss", 1): 9.0,
    }


def live(file: str, step: int, value: float, *, at_ms: int = 1_005_000) -> LivePoint:
    point = MetricPoint(key="loss", value=value, step=step, timestamp_ms=at_ms, file=file)
    return LivePoint(point=point, name="loss", is_sent=True)


def test_a_point_that_was_seen_keeps_its_time(stage: Stage) -> None:
    stage.write("results.csv", TABLE)
    found = stage.end(live=[live("results.csv", 1, 0.5)])
    assert [point.timestamp_ms for point in found.points] == [1_005_000, WRITTEN_S * 1000]


def test_a_table_that_is_gone_is_known_as_far_as_it_was_seen(stage: Stage) -> None:
    found = stage.end(live=[live("results.csv", 1, 0.5)])
    assert values(found) == {("loss", 1): 0.5}
    assert told(found, "results.csv").startswith("it was deleted or not saved")


def test_a_value_that_was_written_over_has_its_last_value(stage: Stage) -> None:
    stage.write("results.csv", "epoch,loss\n1,0.4\n")
    found = stage.end(live=[live("results.csv", 1, 0.5), live("results.csv", 2, 0.3)])
    assert values(found) == {("loss", 1): 0.4}


def test_not_a_number_and_infinity_are_values(stage: Stage) -> None:
    stage.write("log.csv", "epoch,loss,grad\n1,nan,inf\n")
    found = values(stage.end())
    assert math.isnan(found["loss", 1])
    assert found["grad", 1] == math.inf


def unreadable() -> Callable[[], None]:
    def opened() -> None:
        raise PermissionError(13, "Permission denied")

    return opened


def test_a_copy_that_cannot_be_read_says_so(stage: Stage) -> None:
    file = ResultFile(path="results.csv", open=unreadable())  # type: ignore[arg-type]
    found = collect_metrics(
        [file],
        stage.folder,
        old=OldFiles.load(stage.folder),
        params={},
        started_ms=0,
        finished_ms=1,
    )
    assert told(found, "results.csv") == "it could not be read: Permission denied"


def test_an_empty_output_is_recorded_as_if_it_had_been_read(tmp_path: Path) -> None:
    (tmp_path / "stdout.log").touch()
    reader, curves = log_reader(), Curves()
    curves.add_all(rows_of(reader, [b""]))
    assert sources.read_log(tmp_path / "stdout.log", "stdout").reading == finished(reader, curves)
