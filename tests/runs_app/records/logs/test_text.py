"""Korean logs are shown as they were meant, whatever the encoding of a line."""

from __future__ import annotations

import pytest

from runs_app.records.logs.text import MAX_LINE_BYTES, ReadableLines, readable

KOREAN = "손실 0.5\n"


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"", b""),
        (b"epoch 1\r\nepoch 2\n", b"epoch 1\r\nepoch 2\n"),
        (KOREAN.encode(), KOREAN.encode()),
        (KOREAN.encode("cp949"), KOREAN.encode()),
        (KOREAN.encode() + KOREAN.encode("cp949"), (KOREAN * 2).encode()),
        ("50%\r손실\r100%".encode("cp949"), "50%\r손실\r100%".encode()),
        ("확장 완성형 똠방각하 믜\n".encode("cp949"), "확장 완성형 똠방각하 믜\n".encode()),
        (bytes(range(256)) + b"\n", bytes(range(256)) + b"\n"),
        (
            bytes(range(256)) + b"\n" + KOREAN.encode("cp949"),
            bytes(range(256)) + b"\n" + KOREAN.encode(),
        ),
        (b"\xe3\x80", b"\xe3\x80"),
    ],
)
def test_each_line_is_judged_by_itself(data: bytes, shown: bytes) -> None:
    assert readable(data) == shown


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pieces_of_any_size_show_the_same(encoding: str, size: int) -> None:
    data = (KOREAN * 3).encode(encoding)
    shown: list[bytes] = []
    lines = ReadableLines(shown.append)
    for start in range(0, len(data), size):
        lines.write(data[start : start + size])
        if encoding == "utf-8":  # of CP949 only whole lines are known
            lines.flush(is_end=False)
    lines.flush(is_end=True)
    assert b"".join(shown).decode() == KOREAN * 3


def test_a_progress_bar_without_a_line_end_is_shown_at_once() -> None:
    shown: list[bytes] = []
    lines = ReadableLines(shown.append)
    lines.write(b"epoch 1:  10%")
    assert b"".join(shown) == b"epoch 1:  10%"


def test_an_endless_line_is_not_held_back() -> None:
    shown: list[bytes] = []
    ReadableLines(shown.append).write(b"\xff" * (MAX_LINE_BYTES + 1))
    assert len(b"".join(shown)) == MAX_LINE_BYTES + 1
