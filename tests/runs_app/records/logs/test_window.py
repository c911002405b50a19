"""Windows on logs that are huge, growing, cut or not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from runs_app.records.logs import window
from runs_app.records.logs.opening import size_of
from runs_app.records.logs.window import (
    LogWindow,
    read_after,
    read_around,
    read_before,
    read_from,
    read_tail,
)

LINE = b"0123456789abcde\n"
CHUNK_BYTES, NEWS_BYTES, FAR_BEHIND_BYTES = 1_000, 4_000, 16_000


@pytest.fixture(autouse=True)
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CHUNK_BYTES", "NEWS_BYTES", "FAR_BEHIND_BYTES"):
        monkeypatch.setattr(window, name, globals()[name])
    monkeypatch.setattr(window, "CONTEXT_BYTES", 100)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "stdout.log").write_bytes(LINE * (3 * FAR_BEHIND_BYTES // len(LINE)) + b"half")
    return tmp_path


def test_small_log_is_shown_whole(tmp_path: Path) -> None:
    (tmp_path / "stderr.log").write_bytes(b"one\ntwo")
    assert read_tail(tmp_path, "stderr") == LogWindow(data=b"one\ntwo", start=0, size=7, line=1)
    assert size_of(tmp_path, "stderr") == 7


def test_log_that_is_not_there_is_empty(tmp_path: Path) -> None:
    for read in (read_before, read_from, read_after, read_around):
        assert read(tmp_path, "stdout", 100).data == b""
    assert read_tail(tmp_path, "stdout") == LogWindow(data=b"", start=0, size=0, line=1)
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
    while data := read_from(folder, "stdout", offset).data:
        assert len(data) <= NEWS_BYTES
        seen += data
        offset += len(data)
    assert seen == (folder / "stdout.log").read_bytes()[start:]


def test_reading_back_loses_no_byte(folder: Path) -> None:
    seen = b""
    offset = size_of(folder, "stdout")
    while offset:
        found = read_before(folder, "stdout", offset)
        assert found.end == offset
        assert found.line == found.start // len(LINE) + 1
        seen, offset = found.data + seen, found.start
    assert seen == (folder / "stdout.log").read_bytes()


def test_who_is_far_behind_gets_the_tail_and_learns_what_was_missed(folder: Path) -> None:
    found = read_from(folder, "stdout", 16)
    assert found.end == found.size
    assert found.skipped == found.start - 16
    assert found.line == found.start // len(LINE) + 1
    near = read_from(folder, "stdout", found.size - FAR_BEHIND_BYTES)
    assert near.skipped == 0


def test_place_is_shown_with_lines_before_it_and_more_behind(folder: Path) -> None:
    found = read_around(folder, "stdout", 100 * len(LINE))
    assert (found.start, found.line) == (94 * len(LINE), 95)
    assert len(found.data) == CHUNK_BYTES
    more = read_after(folder, "stdout", found.end)
    assert (more.start, len(more.data), more.skipped) == (found.end, CHUNK_BYTES, 0)


def test_log_that_was_cut_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "stdout.log").write_bytes(b"new")
    assert read_from(tmp_path, "stdout", 1000) == LogWindow(data=b"new", start=0, size=3, line=1)
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
