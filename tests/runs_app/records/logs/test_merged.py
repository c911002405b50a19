"""Both outputs in the order of time: each byte once, whatever part is asked for."""

from __future__ import annotations

from itertools import cycle, islice
from pathlib import Path

import pytest

from runs_app.records.logs import merged
from runs_app.records.logs.merged import MergedLog, MergedWindow, Position, Segment, is_known

STREAMS = ("stdout", "stderr")


@pytest.fixture(autouse=True)
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {"CHUNK_BYTES": 60, "NEWS_BYTES": 25, "CONTEXT_BYTES": 20, "LAST_BYTES": 70}
    for name, value in sizes.items():
        monkeypatch.setattr(merged, name, value)


def write(folder: Path, *moments: tuple[str, str], rest: str = "") -> None:
    """What each second wrote to stdout and to stderr; `rest` came after the last of the index."""
    logs, index = {"stdout": "", "stderr": ""}, ""
    for second, texts in enumerate(moments, start=1):
        for stream, text in zip(STREAMS, texts, strict=True):
            logs[stream] += text
        index += f"{second}.0 {len(logs['stdout'])} {len(logs['stderr'])}\n"
    logs["stdout"] += rest
    for stream, text in logs.items():
        (folder / f"{stream}.log").write_text(text, encoding="utf-8")
    (folder / "output.index").write_text(index, encoding="utf-8")


def texts(window: MergedWindow) -> str:
    return b"".join(segment.data for segment in window.segments).decode()


def test_outputs_are_in_the_order_of_time(tmp_path: Path) -> None:
    write(tmp_path, ("a\n", ""), ("", "b\n"), ("c\n", "d\n"), ("", "e\n"), rest="f\n")
    with MergedLog(tmp_path) as log:
        window = log.tail()
    assert texts(window) == "a\nb\nc\nd\ne\nf\n"
    assert window.segments[1] == Segment(
        stream="stderr", start=0, data=b"b\n", time_ms=2000, line=1
    )
    assert window.segments[-1].time_ms is None


@pytest.fixture
def long(tmp_path: Path) -> Path:
    """Forty seconds of both outputs, with lines that go on in the next second."""
    pieces = cycle([("out 1\nou", ""), ("t 2\n", "err\n"), ("", "er"), ("out 3\n" * 9, "r\n")])
    write(tmp_path, *islice(pieces, 40), rest="the rest\n")
    return tmp_path


def both(segments: list[Segment]) -> dict[str, bytes]:
    return {
        stream: b"".join(segment.data for segment in segments if segment.stream == stream)
        for stream in STREAMS
    }


def whole(folder: Path) -> dict[str, bytes]:
    return {stream: (folder / f"{stream}.log").read_bytes() for stream in STREAMS}


def test_following_loses_and_repeats_no_byte(long: Path) -> None:
    segments: list[Segment] = []
    with MergedLog(long) as log:
        position = Position()
        while position != log.size:
            window = log.news(position)
            assert 0 < len(texts(window)) <= 25
            segments += window.segments
            position = window.end
    assert both(segments) == whole(long)


def test_reading_back_loses_and_repeats_no_byte_and_begins_with_lines(long: Path) -> None:
    with MergedLog(long) as log:
        window = log.tail()
        segments = list(window.segments)
        while window.start.total:
            earlier = log.before(window.start)
            assert earlier.end == window.start
            segments = [*earlier.segments, *segments]
            window = earlier
            for segment in window.segments:
                before = whole(long)[segment.stream][: segment.start]
                assert segment.line in {None, before.count(b"\n") + 1}
    assert both(segments) == whole(long)


def test_index_that_grows_behind_a_viewer_changes_nothing_of_what_he_gets(tmp_path: Path) -> None:
    write(tmp_path, ("a\n", ""), rest="b\n")
    with MergedLog(tmp_path) as log:
        seen = log.news(Position())
    write(tmp_path, ("a\n", ""), ("b\n", "c\n"), ("d\n", ""))
    with MergedLog(tmp_path) as log:
        more = log.news(seen.end)
    assert texts(seen) + texts(more) == "a\nb\nc\nd\n"


@pytest.mark.parametrize("stream", STREAMS)
def test_any_byte_of_an_output_is_shown_among_the_other_output(long: Path, stream: str) -> None:
    with MergedLog(long) as log:
        for offset in range(0, log.size.of(stream), 11):
            position = log.position_of(stream, offset)
            assert position.of(stream) == offset
            window = log.around(position)
            assert window.start.total <= position.total <= window.end.total


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"share": 0.0}, "a\nb\nc\nd\n"),
        ({"share": 0.5}, "c\nd\n"),
        ({"share": 1.0}, ""),
        ({"time_ms": 500}, "a\nb\nc\nd\n"),
        ({"time_ms": 1500}, "b\nc\nd\n"),
        ({"time_ms": 9999}, "d\n"),
    ],
)
def test_share_and_time_are_places(tmp_path: Path, asked: dict[str, float], text: str) -> None:
    write(tmp_path, ("a\n", ""), ("", "b\n"), ("", "c\n"), rest="d\n")
    with MergedLog(tmp_path) as log:
        assert texts(log.after(log.position_at(**asked))) == text  # type: ignore[arg-type]


def test_who_is_far_behind_gets_the_tail(long: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merged, "FAR_BEHIND_BYTES", 100)
    with MergedLog(long) as log:
        window = log.news(Position(stdout=5))
        assert window.end == log.size
        assert window.skipped == window.start.total - 5
        assert log.news(Position(stdout=10**6)).end == log.size


def test_without_an_index_no_order_is_claimed(tmp_path: Path) -> None:
    assert not is_known(tmp_path)
    write(tmp_path, ("a\n", ""))
    assert is_known(tmp_path)
