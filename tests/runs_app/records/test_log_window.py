"""Windows on logs that are huge, growing, cut or not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from runs_app.records.log_window import (
    CHUNK_BYTES,
    FAR_BEHIND_BYTES,
    LogWindow,
    read_before,
    read_from,
    read_tail,
    size_of,
)

LINE = b"0123456789abcde\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "stdout.log").write_bytes(LINE * (3 * FAR_BEHIND_BYTES // len(LINE)) + b"half")
    return tmp_path


def test_small_log_is_shown_whole(tmp_path: Path) -> None:
    (tmp_path / "stderr.log").write_bytes(b"one\ntwo")
    assert read_tail(tmp_path, "stderr") == LogWindow(data=b"one\ntwo", start=0, size=7)
    assert size_of(tmp_path, "stderr") == 7


def test_log_that_is_not_there_is_empty(tmp_path: Path) -> None:
    nothing = LogWindow(data=b"", start=0, size=0)
    assert read_tail(tmp_path, "stdout") == nothing
    assert read_before(tmp_path, "stdout", 100) == nothing
    assert read_from(tmp_path, "stdout", 0) == nothing
    assert read_from(tmp_path, "stdout", 100) == nothing
    assert size_of(tmp_path, "stdout") == 0


def test_tail_of_a_huge_log_begins_with_a_whole_line(folder: Path) -> None:
    tail = read_tail(folder, "stdout")
    assert tail.data.startswith(LINE)
    assert tail.data.endswith(b"\nhalf")
    assert tail.end == tail.size == size_of(folder, "stdout")
    assert CHUNK_BYTES - len(LINE) <= len(tail.data) <= CHUNK_BYTES


def test_reading_on_loses_no_byte(folder: Path) -> None:
    seen = b""
    offset = start = size_of(folder, "stdout") - FAR_BEHIND_BYTES
    while window := read_from(folder, "stdout", offset).data:
        assert len(window) <= CHUNK_BYTES
        seen += window
        offset += len(window)
    assert seen == (folder / "stdout.log").read_bytes()[start:]


def test_reading_back_loses_no_byte(folder: Path) -> None:
    seen = b""
    offset = size_of(folder, "stdout")
    while offset:
        window = read_before(folder, "stdout", offset)
        assert window.end == offset
        seen, offset = window.data + seen, window.start
    assert seen == (folder / "stdout.log").read_bytes()


def test_who_is_far_behind_gets_the_tail_and_learns_what_was_missed(folder: Path) -> None:
    window = read_from(folder, "stdout", 16)
    assert window.end == window.size
    assert window.skipped == window.start - 16
    near = read_from(folder, "stdout", window.size - FAR_BEHIND_BYTES)
    assert near.skipped == 0


def test_log_that_was_cut_is_read_anew(tmp_path: Path) -> None:
    (tmp_path / "stdout.log").write_bytes(b"new")
    assert read_from(tmp_path, "stdout", 1000) == LogWindow(data=b"new", start=0, size=3)
    assert read_from(tmp_path, "stdout", 3) == LogWindow(data=b"", start=3, size=3)


@pytest.mark.parametrize("data", [b"x" * (CHUNK_BYTES * 2), b"x" * CHUNK_BYTES * 2 + b"\n"])
def test_one_endless_line_is_still_shown(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "stdout.log").write_bytes(data)
    tail = read_tail(tmp_path, "stdout")
    assert len(tail.data) == CHUNK_BYTES
    assert read_before(tmp_path, "stdout", tail.start).data == b"x" * CHUNK_BYTES


def test_link_in_the_place_of_a_log_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "stdout.log").symlink_to(tmp_path / "secret")
    assert read_tail(tmp_path, "stdout").data == b""
