"""What commands show."""

from __future__ import annotations

import io
import json
import os
from datetime import timedelta

import pytest
from django.core.management.base import OutputWrapper

from runs_app.cli import command
from runs_app.cli.command import aligned, byte_sink, in_columns, printable, short_duration
from runs_app.system.broken_pipe import stop_writing


def test_a_table_is_aligned_and_a_korean_letter_is_two_columns_wide() -> None:
    assert list(aligned(["name", "task"], [["동화엔텍", "ppe"], ["sampyo", "bct"]])) == [
        "NAME      TASK",
        "동화엔텍  ppe",
        "sampyo    bct",
    ]


def test_a_long_table_is_aligned_part_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "ALIGNED_TOGETHER", 2)
    rows = iter([["1", "a"], ["1000000", "b"], ["2", "c"], ["3", "d"]])
    lines = aligned(["run", "name"], rows)
    assert [next(lines), next(lines)] == ["RUN  NAME", "1    a"]
    assert next(rows, None) == ["1000000", "b"]  # not read ahead
    assert list(lines) == ["2    c", "3    d"]
    lines = aligned(["run", "name"], [["1", "a"], ["1000000", "b"], ["2", "c"], ["3", "d"]])
    assert list(lines) == ["RUN  NAME", "1    a", "1000000  b", "2        c", "3        d"]


@pytest.mark.parametrize(
    "values",
    [[], [1], [{}], [{"note": "밤\u2028훈련\n끝", "files": [{"path": "a"}, []]}, None, "x"]],
)
def test_a_list_of_json_is_written_value_by_value_as_it_would_be_at_once(
    values: list[object],
) -> None:
    at_once, by_value = io.StringIO(), io.StringIO()
    command.RunsCommand(stdout=at_once).show_json(values)
    command.RunsCommand(stdout=by_value).show_json_list(iter(values))
    assert by_value.getvalue() == at_once.getvalue()
    assert json.loads(by_value.getvalue()) == values


def test_facts_are_aligned_in_korean_too() -> None:
    assert in_columns([("실행", "1"), ("Host", "gpu1"), ("상태", "")]) == [
        "실행  1",
        "Host  gpu1",
        "상태",
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "-"), (0.26, "0.3 s"), (59.9, "59.9 s"), (3723.5, "1:02:03")],
)
def test_durations_as_people_say_them(seconds: float | None, text: str) -> None:
    duration = None if seconds is None else timedelta(seconds=seconds)
    assert short_duration(duration) == text


@pytest.mark.parametrize("text", ["\x1b[31mred", "a\rb", "a\nb", "a\u202eb"])
def test_names_cannot_steer_a_terminal(text: str) -> None:
    assert printable(text).isprintable()


def test_bytes_arrive_unchanged() -> None:
    reader, writer = os.pipe()
    with open(writer, "w", encoding="utf-8") as text, open(reader, "rb") as heard:
        byte_sink(OutputWrapper(text))(b"50%\r\xff")
        assert os.read(heard.fileno(), 100) == b"50%\r\xff"


def test_a_reader_that_has_gone_stops_nothing() -> None:
    reader, writer = os.pipe()
    with open(writer, "w", encoding="utf-8") as text:
        sink = byte_sink(OutputWrapper(text))
        os.close(reader)
        sink(b"one")
        sink(b"two")


def test_a_log_without_a_reader_is_not_followed() -> None:
    reader, writer = os.pipe()
    with open(writer, "w", encoding="utf-8") as text:
        sink = byte_sink(OutputWrapper(text), outlives_reader=False)
        os.close(reader)
        with pytest.raises(BrokenPipeError):
            sink(b"one")
        stop_writing(text)


def test_text_in_memory_gets_whole_letters() -> None:
    memory = io.StringIO()
    sink = byte_sink(OutputWrapper(memory))
    first, second = "끝".encode()[:1], "끝".encode()[1:]
    sink(first)
    sink(second)
    assert memory.getvalue() == "끝"
