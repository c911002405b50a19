"""Numbers that runs leave behind, and the odd shapes in which they do."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from runs_app.runner.outputs import metrics
from runs_app.runner.outputs.metrics import MetricPoint, clean_key, collect_metrics

START, END = 1_000_000, 1_100_000

ULTRALYTICS = """\
                  epoch,                   time,         train/box_loss,   metrics/mAP50(B)
                      1,                12.5,                1.25,                0.5
                      2,                 25,                1.125,               0.75
"""


def points_of(
    folder: Path, files: dict[str, bytes | str], *, output: str | bytes = ""
) -> tuple[MetricPoint, ...]:
    """The metrics of a run with these result files and this output."""
    for path, data in {**files, "../stdout.log": output}.items():
        file = folder / "outputs" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data if isinstance(data, bytes) else data.encode())
    return collect_metrics(
        folder / "outputs",
        list(files),
        stdout=folder / "stdout.log",
        started_ms=START,
        finished_ms=END,
    )


def values_of(
    folder: Path, files: dict[str, bytes | str], *, output: str | bytes = ""
) -> dict[tuple[str, int], float]:
    points = points_of(folder, files, output=output)
    assert all(START <= point.timestamp_ms <= END for point in points)
    return {(point.key, point.step): point.value for point in points}


def test_results_of_ultralytics_are_read_past_their_padding(tmp_path: Path) -> None:
    points = points_of(tmp_path, {"runs/train/results.csv": ULTRALYTICS})
    assert points == (
        MetricPoint(key="train/box_loss", value=1.25, step=1, timestamp_ms=START + 12_500),
        MetricPoint(key="metrics/mAP50B", value=0.5, step=1, timestamp_ms=START + 12_500),
        MetricPoint(key="train/box_loss", value=1.125, step=2, timestamp_ms=START + 25_000),
        MetricPoint(key="metrics/mAP50B", value=0.75, step=2, timestamp_ms=START + 25_000),
    )


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("epoch,loss\n1,0.5\n2,0.25\n", {("loss", 1): 0.5, ("loss", 2): 0.25}),
        ("loss,Epoch\n0.5,1\n", {("loss", 1): 0.5}),
        ("global_step;loss\n10;0.5\n", {("loss", 10): 0.5}),
        ("iter\tloss\n10\t0.5\n", {("loss", 10): 0.5}),
        ("epoch,step,loss\n1,100,0.5\n", {("step", 1): 100.0, ("loss", 1): 0.5}),
        ("epoch,loss\r\n1,0.5\r\n", {("loss", 1): 0.5}),
        ("\ufeffepoch,loss\n1,0.5\n", {("loss", 1): 0.5}),
        ("epoch,loss\n1.0,0.5", {("loss", 1): 0.5}),
        ('"epoch","loss"\n"1","0.5"\n', {("loss", 1): 0.5}),
        ("epoch,loss,note\n1,0.5,fine\n", {("loss", 1): 0.5}),
        ("epoch,loss\n1,\n2,0.5\n", {("loss", 2): 0.5}),
        ("epoch,loss\n1,0.5\n\nepoch,loss\n1,0.25\n", {("loss", 1): 0.25}),
        ("epoch,loss,loss\n1,0.5,0.25\n", {("loss", 1): 0.25}),
        ("epoch,loss\n1,0.5,9,9\n", {("loss", 1): 0.5}),
        ("에폭,손실\n1,0.5\n", {("손실", 1): 0.5}),
        ("에폭,손실\n1,0.5\n".encode("cp949"), {("손실", 1): 0.5}),
        (b"epoch,loss\xff\xfe\xfd\n1,0.5\n", None),
    ],
)
def test_tables_that_count_epochs_or_steps_are_read(
    tmp_path: Path, data: str | bytes, expected: dict[tuple[str, int], float] | None
) -> None:
    found = values_of(tmp_path, {"log.csv": data})
    if expected is None:  # the name is broken; the number is not
        assert list(found.values()) == [0.5]
    else:
        assert found == expected


@pytest.mark.parametrize(
    "data",
    [
        "",
        "\n",
        "epoch,loss\n",
        "name,loss\na,0.5\n",
        "epoch,loss\nfirst,0.5\n",
        "epoch,loss\nnan,0.5\n",
        "epoch,loss\n1e300,0.5\n",
        "epoch,loss\ninf,0.5\n",
        "epoch\n1\n",
        "epoch,()\n1,0.5\n",
        'epoch,loss\n"1,0.5\n',
        "epoch,loss\n1," + "x" * 200_000 + "\n",
        b"\xff\xfee\0p\0o\0c\0h\0",
        b"\0" * 1000,
        bytes(range(256)) * 20,
    ],
)
def test_tables_without_steps_and_numbers_say_nothing(tmp_path: Path, data: str | bytes) -> None:
    assert values_of(tmp_path, {"log.csv": data}) == {}


@pytest.mark.parametrize("last", ["2", "2,", "2,0.", "2,0.12"])
def test_last_line_that_is_half_written_says_nothing(tmp_path: Path, last: str) -> None:
    found = values_of(tmp_path, {"log.csv": f"epoch,loss,map\n1,0.5,0.25\n{last}"})
    assert found == {("loss", 1): 0.5, ("map", 1): 0.25}


def test_not_a_number_and_infinity_are_values(tmp_path: Path) -> None:
    found = values_of(tmp_path, {"log.csv": "epoch,a,b,c\n1,nan,inf,-inf\n"})
    assert math.isnan(found.pop(("a", 1)))
    assert found == {("b", 1): math.inf, ("c", 1): -math.inf}


@pytest.mark.parametrize("seconds", ["nan", "inf", "-5", "1e308", "soon", ""])
def test_impossible_times_stay_within_the_run(tmp_path: Path, seconds: str) -> None:
    data = f"epoch,time,loss\n1,{seconds},0.5\n"
    assert values_of(tmp_path, {"results.csv": data}) == {("loss", 1): 0.5}


def test_rows_without_times_are_spread_over_the_run(tmp_path: Path) -> None:
    points = points_of(tmp_path, {"log.csv": "epoch,loss\n1,1\n2,1\n3,1\n4,1\n"})
    assert [point.timestamp_ms for point in points] == [
        START + 25_000,
        START + 50_000,
        START + 75_000,
        END,
    ]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ('{"mAP50": 0.5, "images": 3}', {("mAP50", 0): 0.5, ("images", 0): 3.0}),
        ('{"box": {"map(50)": 0.5}, "정확도": 1}', {("box.map50", 0): 0.5, ("정확도", 0): 1.0}),
        ('{"a": true, "b": "0.5", "c": null, "d": [1], "e": 2}', {("e", 0): 2.0}),
        ('{"a": {"b": {"c": 1}}}', {}),
        ("[1, 2]", {}),
        ("0.5", {}),
        ('{"a": 0.5', {}),
        ("", {}),
        ("[" * 100_000, {}),
        ('{"a": 1' + "0" * 400 + "}", {}),
        ('{"a": 1' + "0" * 5000 + "}", {}),
    ],
)
def test_flat_json_of_numbers_is_read(
    tmp_path: Path, data: str, expected: dict[tuple[str, int], float]
) -> None:
    assert values_of(tmp_path, {"metrics.json": data}) == expected


def test_json_of_many_numbers_is_data_and_no_result(tmp_path: Path) -> None:
    data = ", ".join(f'"{number}": {number}' for number in range(metrics.MAX_JSON_NUMBERS + 1))
    assert values_of(tmp_path, {"boxes.json": f"{{{data}}}"}) == {}


def test_huge_files_say_nothing(tmp_path: Path) -> None:
    row = b"1,0.5\n"
    huge = b"epoch,loss\n" + row * (metrics.MAX_FILE_BYTES // len(row) + 1)
    large = b'{"a": 1}' + b" " * metrics.MAX_JSON_BYTES
    found = values_of(tmp_path, {"log.csv": huge, "a.json": large, "small.csv": "step,a\n1,2\n"})
    assert found == {("a", 1): 2.0}


def test_points_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "MAX_POINTS", 10)
    rows = "".join(f"{step},1,2,3\n" for step in range(100))
    assert len(points_of(tmp_path, {"log.csv": f"step,a,b,c\n{rows}"})) == 10


def test_key_of_two_files_carries_the_second_files_name(tmp_path: Path) -> None:
    table = "epoch,loss\n1,{}\n"
    found = values_of(
        tmp_path,
        {
            "a/log.csv": table.format(2),
            "runs/deep/results.csv": table.format(1),
            "b/log.csv": table.format(3),
        },
    )
    assert found == {("loss", 1): 1.0, ("a/log/loss", 1): 2.0, ("b/log/loss", 1): 3.0}


def test_files_that_are_gone_or_of_other_kinds_say_nothing(tmp_path: Path) -> None:
    assert (
        values_of(tmp_path, {"best.pt": "epoch,loss\n1,2\n", "log.txt": "epoch,loss\n1,2\n"}) == {}
    )
    assert collect_metrics(tmp_path, ["gone.csv"], stdout=tmp_path / "gone", started_ms=0,
                           finished_ms=1) == ()  # fmt: skip


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Epoch 3: loss=0.5, acc: 90.5%", {("loss", 3): 0.5, ("acc", 3): 90.5}),
        ("[Epoch 3/10] loss 0.1 val_loss=1e-3", {("val_loss", 3): 0.001}),
        ("epoch=3 lr=0.01 time=12 eta=5", {("lr", 3): 0.01}),
        ("에폭 3 손실: 0.5", {("손실", 3): 0.5}),
        ("\x1b[32mEpoch 3\x1b[0m loss=\x1b[1m0.5\x1b[0m", {("loss", 3): 0.5}),
        ("Epoch 2 loss=9\rEpoch 3 loss=0.5", {("loss", 3): 0.5}),
        ("epoch 3 mAP50(B)=0.5", {("mAP50B", 3): 0.5}),
        ("loss=0.5", {}),
        ("epochs: 3", {}),
        ("Epoch 3 done", {}),
        ("Epoch 12345678 loss=0.5", {}),
        (b"\xb0\xe1 Epoch 3 loss=0.5", {("loss", 3): 0.5}),
    ],
)
def test_output_is_read_by_lines_that_name_an_epoch(
    tmp_path: Path, line: str | bytes, expected: dict[tuple[str, int], float]
) -> None:
    raw = line if isinstance(line, bytes) else line.encode()
    assert values_of(tmp_path, {}, output=raw + b"\n") == expected


def test_output_is_read_only_where_the_files_say_nothing(tmp_path: Path) -> None:
    output = "Epoch 1 loss=9\n"
    assert values_of(tmp_path, {"log.csv": "epoch,a\n1,2\n"}, output=output) == {("a", 1): 2.0}
    assert values_of(tmp_path, {"log.csv": "name,a\nx,2\n"}, output=output) == {("loss", 1): 9.0}


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("metrics/mAP50(B)", "metrics/mAP50B"),
        ("  train/box_loss  ", "train/box_loss"),
        ("정확도 (%)", "정확도"),
        ("a//b/../c/./d", "a/c/d"),
        ("../../etc/passwd", "etc/passwd"),
        ("/a/", "a"),
        ("loss:0", "loss:0"),
        ("a\nb\0c", "abc"),
        ("()", ""),
        ("..", ""),
        ("", ""),
        ("x" * 300, "x" * 250),
        ("x" * 248 + "/.../y", "x" * 248),
        ("x/" * 200, "/".join(["x"] * 125)),
        ("..loss", "loss"),
        ("..\\..\\x/11", "x/11"),
        ("..../..", ""),
        (".hidden", ".hidden"),
    ],
)
def test_keys_are_such_as_mlflow_takes(name: str, key: str) -> None:
    assert clean_key(name) == key
    if key:
        assert re.fullmatch(r"[/\w.\- :]{1,250}", key)
        assert not key.startswith(("..", "/"))
        assert clean_key(key) == key
