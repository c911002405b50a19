"""Files of results, each by the reader that its name and content choose."""

from __future__ import annotations

import json
import math

import pytest

from registry_app.results.choosing import choose
from registry_app.results.reading import read
from registry_app.results.rows import ResultReader
from tests.registry_app.results.helpers import file_points

LOSS = {"loss": {1: 0.5, 2: 0.4}}


@pytest.mark.parametrize(
    "text",
    [
        "epoch,loss\n1,0.5\n2,0.4\n",
        "\n\nepoch,loss\n1,0.5\n2,0.4\n",
        "# made by a script\nepoch,loss\n1,0.5\n2,0.4\n",
        "sep=,\nepoch,loss\n1,0.5\n2,0.4\n",
        "sep=;\r\nepoch;loss\r\n1;0,5\r\n2;0,4\r\n",
        "epoch\tloss\n1\t0.5\n2\t0.4\n",
        "epoch   loss\n    1    0.5\n    2    0.4\n",
        "| epoch | loss |\n|---|---|\n| 1 | 0.5 |\n| 2 | 0.4 |\n",
        "epoch,loss\n[-],[%]\n1,0.5\n2,0.4\n",  # a line of units
        "epoch,loss\n1,0.5\nepoch,loss\n2,0.4\n",  # a second start wrote its header again
        '"epoch","loss"\n"1","0.5"\n"2","0.4"\n',
        "epoch,loss\n1,tensor(0.5000)\n2,0.4\n",
        "﻿epoch,loss\n1,0.5\n2,0.4",  # a byte order mark, no end of the last line
        "\ufeffepoch,loss\n1,0.5\n2,0.4\n".encode("utf-16-le"),
        "epoch,loss\n1,0.5\n2,0.4\n".encode("utf-16"),
        "epoch,loss\r1,0.5\r2,0.4\r",
    ],
)
def test_a_table_is_read_in_every_dialect(text: str | bytes) -> None:
    assert file_points("results.csv", text) == LOSS


def test_a_table_of_a_korean_spreadsheet_is_read() -> None:
    assert file_points("학습.csv", "에폭,손실\n1,0.5\n2,0.4\n".encode("cp949")) == {
        "손실": {1: 0.5, 2: 0.4}
    }


def test_one_bad_number_costs_only_itself() -> None:
    text = json.dumps({"loss": math.nan, "mAP": math.inf, "acc": 0.9, "big": 10**400})
    found = file_points("metrics.json", text)
    assert math.isnan(found["loss"][0])
    assert (found["mAP"], found["acc"]) == ({0: math.inf}, {0: 0.9})
    assert "big" not in found


def test_the_number_of_parameters_is_a_setting_under_each_of_its_names() -> None:
    text = json.dumps({"acc": 0.9, "n_params": 1_200_000, "num_params": 1_200_000})
    assert file_points("metrics.json", text) == {"acc": {0: 0.9}}


def test_a_long_series_is_thinned_and_says_so() -> None:
    text = "step,loss\n" + "".join(f"{i},{1 / (i + 1):.6f}\n" for i in range(50_000))
    reading = read("results.csv", [text.encode()])
    [loss] = reading.series
    assert (loss.points[0].value, loss.points[-1].step) == (1.0, 49_999)
    assert loss.is_thinned
    assert loss.count == 50_000
    assert [str(note) for note in reading.notes] == [
        f"loss: {len(loss.points)} of 50000 points kept"
    ]


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("out/config.json", '{"hidden_size": 768}', "a settings file, not results"),
        ("training_args.json", '{"lr": 1e-4}', "a settings file, not results"),
        ("predictions.csv", "frame,iter,x,y,conf\n1,1,3,2,0.9\n", "a table of predictions"),
        ("model.pt", "", "not a kind of file that holds results"),
        ("results.csv", "", "empty"),
        ("results.csv", "1,2,3\n4,5,6\n", "a table without names of its columns"),
        ("metrics.json", "no JSON", "invalid JSON"),
    ],
)
def test_a_file_without_results_says_why(path: str, text: str, reason: str) -> None:
    found = read(path, [text.encode()])
    assert found.series == ()
    assert str(found.reason).startswith(reason)


@pytest.mark.parametrize("path", ["train.log", "logs/test.log", "eval.out", "results.txt"])
def test_a_log_file_of_any_name_is_read_as_a_log(path: str) -> None:
    """Its first line has the words of an axis and of a metric, and is no header."""
    assert file_points(path, "epoch 1 loss: 0.5\nepoch 2 loss: 0.4\n") == LOSS


def test_the_first_row_of_a_table_waits_for_no_other() -> None:
    """Who follows a training sees its first epoch when it is written."""
    reader = choose("results.csv", b"epoch,loss\n")
    assert isinstance(reader, ResultReader)
    rows = list(reader.feed(b"epoch,loss\n1,0.5\n"))
    assert [(row.step, row.values) for row in rows] == [(1, {"loss": 0.5})]


NOISE = "2026-11-29 09:{:02d}:11 INFO worker {} read shard {}\n"


def test_lines_that_say_nothing_change_nothing() -> None:
    """They are known by their kind, and what lies between them is read as without them."""
    said = [
        "Epoch 1/2\n",
        "loss: 0.5\n",
        "Traceback (most recent call last):\n",
        '  File "x.py", line 1\n',
        "ValueError: 3\n",
        "Epoch 2/2\n",
        "loss: 0.4 - top1: 0.75\n",
        "lr: 0.1\nbatch_size: 16\nepochs: 2\n",
        "epoch 3 loss: 0.3\n",
    ]
    noisy = "".join(
        line + "".join(NOISE.format(number, number % 8, number) for number in range(20))
        for line in said
    )
    log = "stdout.log"
    assert file_points(log, noisy) == file_points(log, "".join(line + NOISE for line in said))
    [loss, *_others] = read(log, [noisy.encode()]).series
    numbers = [line for line, text in enumerate(noisy.split("\n"), 1) if "loss" in text]
    assert [point.line for point in loss.points] == numbers
    assert [noisy.encode()[point.begin_bytes :].partition(b"\n")[0] for point in loss.points] == [
        text.encode() for text in noisy.split("\n") if "loss" in text
    ]


def test_a_line_with_other_digits_may_be_a_result() -> None:
    text = "top3: 0.5\n" * 3 + "top1: 0.7\n"
    assert file_points("stdout.log", text)["top1"] == {0: 0.7}
