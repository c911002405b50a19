"""Places in a log as a reader types them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from runs_app.records.logs.places import Place, offset_of, read_place

SEOUL = ZoneInfo("Asia/Seoul")
BEGAN = datetime(2026, 11, 28, 22, 30, 40, 500, tzinfo=SEOUL)


def at(day: int, hour: int, minute: int, second: int = 0) -> Place:
    return Place(moment=datetime(2026, 11, day, hour, minute, second, tzinfo=SEOUL))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("1204", Place(line=1204)),
        (" #7 ", Place(line=7)),
        ("0", Place(line=1)),
        ("50%", Place(share=0.5)),
        ("99.5 %", Place(share=0.995)),
        ("900%", Place(share=1.0)),
        ("23:05", at(28, 23, 5)),
        ("22:30:40", at(28, 22, 30, 40)),
        ("22:30", at(28, 22, 30)),
        ("22:29", at(29, 22, 29)),
        ("3:05:09", at(29, 3, 5, 9)),
        ("11-29 01:00", at(29, 1, 0)),
        ("2026-11-29T01:00:30", at(29, 1, 0, 30)),
        ("25:00", None),
        ("11-31 01:00", None),
        ("the end", None),
        ("", None),
        ("-5", None),
    ],
)
def test_place_is_read_from_a_text(text: str, place: Place | None) -> None:
    assert read_place(text, began=BEGAN) == place


def test_run_that_never_started_has_no_times() -> None:
    assert read_place("14:02", began=None) is None


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (Place(line=3), b"line 002\n"),
        (Place(line=999), b"line 099\n"),
        (Place(share=0.5), b"line 050\n"),
        (Place(share=0.999), b"line 099\n"),
        (at(28, 22, 31), b"line 020\n"),
        (at(28, 22, 0), b"line 000\n"),
    ],
)
def test_place_is_found_at_the_beginning_of_a_line(
    tmp_path: Path, place: Place, line: bytes
) -> None:
    log = b"".join(b"line %03d\n" % number for number in range(100))
    (tmp_path / "stdout.log").write_bytes(log)
    moment_s = BEGAN.timestamp()
    (tmp_path / "output.index").write_text(
        f"{moment_s + 10} 90 0\n{moment_s + 19} 185 0\n{moment_s + 60} 900 0\n", encoding="utf-8"
    )
    offset = offset_of(tmp_path, "stdout", place)
    assert offset is not None
    assert log[offset : offset + 9] == line


@pytest.mark.parametrize("place", [Place(line=3), Place(share=0.5), at(28, 22, 31)])
def test_log_that_is_not_there_has_only_its_beginning(tmp_path: Path, place: Place) -> None:
    assert offset_of(tmp_path, "stdout", place) == 0
