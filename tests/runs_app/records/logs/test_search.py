"""A text is found in a log of any size and encoding."""

from __future__ import annotations

import io

import pytest

from runs_app.records.logs import search as searching
from runs_app.records.logs.search import Hit, Literal, Progress, search

KOREAN = "손실이 NaN 입니다\n"


def found(data: bytes, text: str, **options: bool) -> list[tuple[int, int | None, str]]:
    """Offset, line and text of all hits."""
    hits = search(io.BytesIO(data), len(data), Literal(text, **options))
    return [(hit.offset, hit.line, hit.text) for hit in hits if isinstance(hit, Hit)]


@pytest.mark.parametrize(
    ("data", "text", "hits"),
    [
        (b"", "loss", []),
        (b"epoch 1 loss: 3\nepoch 2 loss: 2", "loss: 2", [(16, 2, "epoch 2 loss: 2")]),
        (b"loss loss\n", "loss", [(0, 1, "loss loss")]),
        (b"a.b\naxb\n", "a.b", [(0, 1, "a.b")]),
        (b"Error\nerror\n", "error", [(6, 2, "error")]),
        (b"\x1b[31mred\x1b[0m\n", "red", [(0, 1, "red")]),
        (b"10%\r50% here\r100%\nend\n", "50%", [(0, 1, "50% here")]),
        (f"시작\n{KOREAN}".encode(), "손실", [(7, 2, KOREAN.strip())]),
        (f"시작\n{KOREAN}".encode("cp949"), "손실", [(5, 2, KOREAN.strip())]),
        # Half of one Korean letter and half of the next are equal to another one.
        ("가나다\n".encode("cp949"), "ﾀ", []),
        ("각가\n".encode("cp949"), "▦", []),
        (b"x" * 500 + b"here" + b"y" * 500, "here", [(0, 1, f"…{'x' * 80}here{'y' * 156}…")]),
    ],
)
def test_lines_that_contain_a_text_are_found(
    data: bytes, text: str, hits: list[tuple[int, int, str]]
) -> None:
    assert found(data, text) == hits


@pytest.mark.parametrize("text", ["nan", "NAN", "손실이 nan"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_case_is_ignored_where_that_is_wanted(text: str, encoding: str) -> None:
    assert len(found(KOREAN.encode(encoding), text, ignores_case=True)) == 1
    # The second byte of this letter is a `c` in CP949, which is no letter of the text.
    assert found("똠\n".encode(encoding), "c", ignores_case=True) == []


@pytest.mark.parametrize("piece_bytes", [8, 9, 10, 11, 64])
def test_nothing_is_missed_between_two_pieces(
    piece_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "PIECE_BYTES", piece_bytes)
    monkeypatch.setattr(searching, "SIDE_BYTES", 4)
    data = b"one\ntwo here\n\nfour\nhere five\nsix here"
    lines = [line for _offset, line, _text in found(data, "here")]
    # A line that is longer than a piece may be found in each of them.
    assert list(dict.fromkeys(lines)) == [2, 5, 6]


def test_search_stops_after_many_hits_and_goes_on_behind_them() -> None:
    data = b"hit\n" * 5
    first = list(search(io.BytesIO(data), len(data), Literal("hit"), max_hits=3))
    assert first[-1] == Progress(next=12)
    more = list(search(io.BytesIO(data), len(data), Literal("hit"), start=12, max_hits=3))
    assert [item.offset for item in more if isinstance(item, Hit)] == [12, 16]
    assert more[-1] == Progress(next=20, is_end=True)


def test_search_ends_after_its_time_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "PIECE_BYTES", 8)
    monkeypatch.setattr(searching, "LIMIT_S", 0.0)
    data = b"line\nline\nhere\n"
    assert list(search(io.BytesIO(data), len(data), Literal("here"))) == [Progress(next=5)]


class Counted(io.BytesIO):
    """A log that counts what is read of it."""

    read_bytes = 0

    def read(self, count: int | None = -1) -> bytes:
        data = super().read(count)
        self.read_bytes += len(data)
        return data


def test_reader_who_goes_away_stops_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "PIECE_BYTES", 100)
    data = b"line\n" * 1000
    log = Counted(data)
    answers = search(log, len(data), Literal("nothing"))
    assert next(answers) == Progress(next=100)
    answers.close()  # type: ignore[attr-defined]
    assert log.read_bytes == 100
