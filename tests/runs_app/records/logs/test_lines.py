"""Line numbers of a log that may be huge, growing or truncated."""

from __future__ import annotations

from pathlib import Path

import pytest

from runs_app.records.logs import lines
from runs_app.records.logs.lines import index_of
from runs_app.records.logs.opening import opened


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "BLOCK_BYTES", 16)
    monkeypatch.setattr(lines, "_indexes", type(lines._indexes)())


def line_at(folder: Path, offset: int) -> int | None:
    with opened(folder, "stdout") as (log, size):
        return index_of(log, size).line_at(log, offset)


def offset_of(folder: Path, line: int) -> int | None:
    with opened(folder, "stdout") as (log, size):
        return index_of(log, size).offset_of(log, line, size_bytes=size)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"one",
        b"one\ntwo\nthree",
        b"\n" * 40,
        b"x" * 15 + b"\n" + b"y" * 15 + b"\n",
        b"a line that is longer than three blocks of the index\n" * 3 + b"end",
        b"".join(b"%d\n" % number for number in range(200)),
    ],
)
def test_each_line_has_its_number_and_is_found_by_it(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "stdout.log").write_bytes(data)
    starts = [0, *(at + 1 for at, byte in enumerate(data) if byte == 10)]
    for number, start in enumerate(starts, start=1):
        assert line_at(tmp_path, start) == number
        if start < len(data):
            assert offset_of(tmp_path, number) == start


def test_lines_that_came_later_are_counted_on(tmp_path: Path) -> None:
    path = tmp_path / "stdout.log"
    path.write_bytes(b"line\n" * 10)
    assert line_at(tmp_path, 50) == 11
    with path.open("ab") as log:
        log.write(b"line\n" * 90)
    assert line_at(tmp_path, 500) == 101


def test_truncated_log_is_counted_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "stdout.log"
    path.write_bytes(b"\n" * 100)
    assert line_at(tmp_path, 100) == 101
    path.write_bytes(b"one longer line\ntwo\n")
    assert line_at(tmp_path, 16) == 2


def test_no_page_waits_for_the_lines_of_a_huge_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "COUNT_BYTES", 64)
    (tmp_path / "stdout.log").write_bytes(b"line\n" * 40)
    asked = [line_at(tmp_path, 195) for _time in range(4)]
    assert asked == [None, None, 40, 40]
    assert offset_of(tmp_path, 40) == 195


def test_few_logs_are_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_LOGS", 2)
    for name in "abc":
        (tmp_path / name).mkdir()
        (tmp_path / name / "stdout.log").write_bytes(b"\n" * 40)
        assert line_at(tmp_path / name, 40) == 41
    assert len(lines._indexes) == 2
