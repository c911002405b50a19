"""Places in a log as a reader types them: a line, a percentage, a time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from runs_app.records.logs.lines import index_of
from runs_app.records.logs.opening import opened, read_at
from runs_app.runner.outputs.moments import LogMoments

MAX_LINE = 10**12
_LINE = re.compile(r"#?(\d{1,12})")
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,3})?) ?%")
_TIME = re.compile(
    r"(?:(?:(?P<year>\d{4})-)?(?P<month>\d{1,2})-(?P<day>\d{1,2})[ T])?"
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?"
)
# A line that contains the place is shown from its beginning if that is as near.
NEAR_BYTES = 2**16


@dataclass(frozen=True, kw_only=True)
class Place:
    """One of: the number of a line, a share from 0 to 1, a moment."""

    line: int | None = None
    share: float | None = None
    moment: datetime | None = None


def read_place(text: str, *, began: datetime | None) -> Place | None:
    """Return the place in a text such as `1204`, `50%`, `14:02`, `11-28 14:02:31`; None if none.

    A time without a date is the first one since the run `began`, which has the reader's zone.
    """
    word = text.strip()
    if found := _LINE.fullmatch(word):
        return Place(line=max(1, int(found[1])))
    if found := _PERCENT.fullmatch(word):
        return Place(share=min(1.0, float(found[1]) / 100))
    found = _TIME.fullmatch(word)
    return _moment(found, began) if found and began else None


def _moment(found: re.Match[str], began: datetime) -> Place | None:
    given = {name: int(value) for name, value in found.groupdict().items() if value}
    try:
        moment = began.replace(**{"second": 0, "microsecond": 0} | given)  # type: ignore[arg-type]
        from_then = began.replace(microsecond=0)
        if "second" not in given:
            from_then = from_then.replace(second=0)
        if "day" not in given and moment < from_then:
            moment += timedelta(days=1)
    except (ValueError, OverflowError):
        return None
    return Place(moment=moment)


def offset_of(folder: Path, stream: str, place: Place) -> int | None:
    """Return where the line at a place begins; None if it cannot be found yet."""
    with opened(folder, stream) as (log, size_bytes):
        offset: int | None
        if place.line is not None:
            offset = index_of(log, size_bytes).offset_of(log, place.line, size_bytes=size_bytes)
        elif place.moment is not None:
            time_ms = round(place.moment.timestamp() * 1000)
            offset = LogMoments(folder, stream).size_at(time_ms)
        else:
            offset = round((place.share or 0) * size_bytes)
        return None if offset is None else _line_start(log, min(offset, size_bytes), size_bytes)


def _line_start(log: BinaryIO, offset: int, size_bytes: int) -> int:
    """Return where the line with a byte begins, or `offset` where that is far; never the end."""
    end = min(offset, max(0, size_bytes - 1))
    near = max(0, end - NEAR_BYTES)
    begin = read_at(log, near, end - near).rfind(b"\n") + 1
    return near + begin if begin or not near else offset
