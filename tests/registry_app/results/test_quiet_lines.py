"""Lines without results are passed over, and nothing is read otherwise than without that."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

import pytest

from registry_app.results.logs.blocks import MAX_LINES
from registry_app.results.logs.plans import plan_of
from registry_app.results.logs.quiet import Quiet, QuietLines
from registry_app.results.logs.reader import LogReader
from registry_app.results.logs.tokens import Tokens
from registry_app.results.reading import rows_of
from registry_app.results.words import (
    AXES,
    METRIC_WORDS,
    has_word_of_header,
    has_word_of_result,
    is_metric,
)
from tests.registry_app.results.quiet_logs import quiet_logs
from tests.registry_app.results.test_log_lines import LINES
from tests.registry_app.results.test_writers import WRITERS

LOGS = [
    *[writer.data.decode(errors="replace") for writer in WRITERS if not writer.path],
    *[text for _name, text in quiet_logs()],
    *[text for text, _points in LINES],
]
# What a mix of logs hardly has by itself, with what could go wrong after it.
ODD_LINES = [
    *("", "   ", "-----", "+---+---+", "Latency:", "AP:", "kappa:", "Settings:", "Thresholds:"),
    *("  Median: 12 ms", "[run] Mean: 3.25", "Traceback (most recent call last):", "  File x"),
    *("iou: 0.7", "min_acc: 0.9", "lr: 0.1", "lr0: 0.1", "lr5: 0.1", "worker3: 12", "x: 1", "x: y"),
    *("INFO: read 12", "INFO:root: worker 3", "f1: 0.5", "f2: 0.5", "top5: 0.5", "top7: 0.5"),
    *("| model | AP | AR |", "| yolo1 | 0.5 | 0.25 |", "  P   R", "  0.5  0.25", "xap50: 3", "nan"),
    *(
        "AP for hard hat: 0.5",
        "Accuracy of hook : 91 %",
        "loss is 0,5",
        "epoch：3，x：1",
        "acc: 1,5",
    ),
    *("read 5\rread 6\racc: 0.5", "acc: 0.5\rread 5\r", "read 5\r", "\x1b[32mread 5\x1b[0m"),
]


class EveryLineParsed(QuietLines):
    def find(self, data: bytes) -> Quiet | None:
        super().find(data)
        return None


def told(data: bytes, quiet: QuietLines) -> tuple[list[str], str]:
    reader = LogReader(quiet)
    rows = [repr(row) for row in rows_of(reader, [data])]
    return rows, repr(reader.skipped)


def other_digits(line: str, chance: Random) -> str:
    return re.sub(r"\d", lambda digit: chance.choice("0123456789" + digit[0] * 5), line)


def mix(lines: Sequence[str], chance: Random) -> bytes:
    """Some lines of some logs, many of them again and again with other digits."""
    few = chance.sample(lines, 12) + chance.sample(ODD_LINES, 6)
    chosen = [chance.choice(few) for _ in range(120)]
    return "\n".join(other_digits(line, chance) for line in chosen).encode("utf-8", "replace")


def test_a_log_is_read_alike_with_and_without() -> None:
    chance = Random(7)  # noqa: S311
    for log in LOGS:
        lines = [other_digits(line, chance) for line in log.split("\n") for _again in range(3)]
        for data in (log.encode(), "\n".join(lines).encode()):
            assert told(data, QuietLines()) == told(data, EveryLineParsed()), log


@pytest.mark.proof
def test_any_mix_of_lines_is_read_alike_with_and_without() -> None:
    chance = Random(12)  # noqa: S311
    lines = [line for log in LOGS for line in log.split("\n")]
    for _mix in range(400):
        data = mix(lines, chance)
        assert told(data, QuietLines()) == told(data, EveryLineParsed()), data.decode()


def test_a_long_listing_is_read_alike_with_and_without() -> None:
    for count in (MAX_LINES - 2, MAX_LINES - 1, MAX_LINES, 2 * MAX_LINES):
        data = ("lr: 0.1\n" + "INFO: read 3\n" * count + "iou: 0.7\nrun: 3\n").encode()
        assert told(data, QuietLines()) == told(data, EveryLineParsed())


def test_a_line_without_a_word_of_results_would_give_nothing() -> None:
    chance = Random(3)  # noqa: S311
    lines = {line for log in LOGS for line in log.split("\n")} | set(ODD_LINES)
    for line in sorted(lines):
        for text in (line, other_digits(line, chance)):
            if not has_word_of_result(text):
                plan = plan_of(Tokens.of(text), text)
                assert (plan.axis, plan.items, plan.limits, plan.skipped) == (None, (), (), ()), (
                    text
                )


@pytest.mark.parametrize("before", ["", "val ", "val_", "Val/", "a.b "])
@pytest.mark.parametrize("word", METRIC_WORDS)
def test_every_metric_is_a_word_of_results(word: str, before: str) -> None:
    for name in (f"{before}{word}", f"{before}{word.upper()}", f"{before}{word.title()}"):
        for text in (f"{name}: 0.5", f"{name}    =    5", f"{name} 50: .5"):
            assert has_word_of_result(text), text
        assert has_word_of_header(f"| model | {name} |")


@pytest.mark.parametrize("name", ["valAp", "valAr", "valTop1", "Top 1", "AP50", "mAP_75", "F1"])
def test_so_is_one_with_capitals_or_digits(name: str) -> None:
    assert is_metric(name)
    assert has_word_of_result(f"{name}: 0.5")


@pytest.mark.parametrize(
    "sign", [" ", ": ", "=", " #", " [", ":[", "(train) ", " (val)[", " : ", " " * 30, "->"]
)
def test_every_axis_is_a_word_of_results(sign: str) -> None:
    for word in sorted(AXES):
        for text in (f"{word}{sign}3 x: 0.5", f"{word.upper()}{sign}3/10] x: 0.5"):
            if plan_of(Tokens.of(text), text).axis is not None:
                assert has_word_of_result(text), text


@pytest.mark.parametrize(
    "text", ["[1,  2000] reward: 2.1", "Train: 3 [10/100] reward: 2.1", "Epoch No. 3 reward: 2.1"]
)
def test_so_is_a_counter_without_its_word(text: str) -> None:
    assert plan_of(Tokens.of(text), text).items
    assert has_word_of_result(text)


def test_lines_that_differ_in_spaces_are_alike() -> None:
    for log in LOGS:
        for line in log.split("\n"):
            wide = line.replace(" ", " " * 9)
            assert has_word_of_result(line) == has_word_of_result(wide), line
