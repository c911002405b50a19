"""Series of points in bounded memory.

A series with more points than the limit is thinned while it grows: every second point is dropped,
repeatedly, except the first, the last, the minimum, the maximum, and the first NaN. A later value
at the same step replaces the earlier one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from registry_app.results.rows import Row

MAX_POINTS = 5_000
MAX_SERIES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One value; the other fields are those of its row."""

    step: int
    value: float
    line: int = 0
    begin_bytes: int = 0
    seconds: float | None = None
    written_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The points of one name, in the order in which they were written.

    `count` is the original number of points; the series was thinned if it has fewer.
    """

    name: str
    axis: str
    points: tuple[Point, ...]
    count: int

    @property
    def is_thinned(self) -> bool:
        return self.count > len(self.points)


class Curves:
    """Takes rows and keeps, for each name, a series of at most about `max_points` points."""

    def __init__(self, *, max_points: int = MAX_POINTS, max_series: int = MAX_SERIES) -> None:
        self._max_points = max(max_points, 8)
        self._max_series = max_series
        self._growing: dict[str, _Growing] = {}
        # Names beyond the limit, which were dropped.
        self.dropped = 0
        self._unknown: set[str] = set()

    def add(self, row: Row) -> None:
        """Add the values of a row."""
        for name, value in row.values.items():
            growing = self._growing.get(name)
            if growing is None:
                if len(self._growing) >= self._max_series:
                    self._leave_out(name)
                    continue
                growing = self._growing[name] = _Growing(row.axis, self._max_points)
            growing.add(row, value)

    def _leave_out(self, name: str) -> None:
        if name not in self._unknown and len(self._unknown) < self._max_series:
            self._unknown.add(name)
            self.dropped += 1

    def add_all(self, rows: Iterable[Row]) -> None:
        """Add the values of all rows."""
        for row in rows:
            self.add(row)

    def series(self) -> tuple[Series, ...]:
        """Return the series so far, in the order in which their names first appeared."""
        return tuple(growing.series(name) for name, growing in self._growing.items())


# A point while its series grows: its number, then the fields of Point in their order.
_Entry = tuple[int, int, float, int, int, float | None, float | None]


@dataclass(slots=True)
class _Growing:
    """One series: every `stride`th point, and separately the points that thinning must not drop."""

    axis: str
    max_points: int
    stride: int = 1
    count: int = 0
    kept: list[_Entry] = field(default_factory=list)
    last: _Entry | None = None
    least: _Entry | None = None
    greatest: _Entry | None = None
    first_bad: _Entry | None = None

    def add(self, row: Row, value: float) -> None:
        if self.last is not None and self.last[1] == row.step:
            self._take_back(self.last[0])
        number = self.count
        self.count = number + 1
        entry = (
            *(number, row.step, value, row.line),
            *(row.begin_bytes, row.seconds, row.written_s),
        )
        self.last = entry
        self._judge(entry)
        if number % self.stride == 0:
            self.kept.append(entry)
            if len(self.kept) > self.max_points:
                self.stride *= 2
                self.kept = [entry for entry in self.kept if entry[0] % self.stride == 0]

    def _take_back(self, number: int) -> None:
        """Drop the last point: its step has a new value."""
        self.count -= 1
        if self.kept and self.kept[-1][0] == number:
            self.kept.pop()
        if self.first_bad and self.first_bad[0] == number:
            self.first_bad = None
        if (self.least and self.least[0] == number) or (
            self.greatest and self.greatest[0] == number
        ):
            self._judge_again()

    def _judge_again(self) -> None:
        self.least = self.greatest = None
        for entry in self.kept:
            self._judge(entry)

    def _judge(self, entry: _Entry) -> None:
        value = entry[2]
        if not math.isfinite(value):
            self.first_bad = self.first_bad or entry
            return
        if self.least is None or value < self.least[2]:
            self.least = entry
        if self.greatest is None or value > self.greatest[2]:
            self.greatest = entry

    def series(self, name: str) -> Series:
        special = (self.last, self.least, self.greatest, self.first_bad)
        chosen = {entry[0]: entry for entry in (*self.kept, *special) if entry}
        # The last point of each step, at the position where the step first appeared.
        latest = {chosen[number][1]: chosen[number] for number in sorted(chosen)}
        return Series(
            name=name,
            axis=self.axis,
            points=tuple(map(_point, latest.values())),
            count=self.count if self.stride > 1 else len(latest),
        )


def _point(entry: _Entry) -> Point:
    _number, step, value, line, begin_bytes, seconds, written_s = entry
    return Point(
        step=step,
        value=value,
        line=line,
        begin_bytes=begin_bytes,
        seconds=seconds,
        written_s=written_s,
    )
