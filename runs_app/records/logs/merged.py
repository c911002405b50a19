"""Both outputs of a run in the order of time, as precise as the supervisor's index of them.

Between two lines of the index (a second, later ten) the order of both outputs is not known: stdout
comes first there. A position is how much of each output is before it, so that a viewer who follows
the end gets each byte once, even if the index grows after it was shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from runs_app.records.logs.lines import index_of
from runs_app.records.logs.opening import opened, read_at
from runs_app.records.logs.window import (
    CHUNK_BYTES,
    CONTEXT_BYTES,
    FAR_BEHIND_BYTES,
    NEWS_BYTES,
)
from runs_app.runner.outputs.moments import INDEX, STREAMS, read_moments
from runs_app.runner.own_file import is_own

# The end of the index has what a viewer who follows the log needs.
LAST_BYTES = 2**14
# A position is moved to the beginning of a line if one is as near.
NEAR_BYTES = 2**16


@dataclass(frozen=True, kw_only=True)
class Position:
    """How many bytes of each output lie before a place in both."""

    stdout: int = 0
    stderr: int = 0

    @property
    def total(self) -> int:
        return self.stdout + self.stderr

    def of(self, stream: str) -> int:
        """Return the bytes of one output."""
        return self.stdout if stream == "stdout" else self.stderr

    def moved(self, stream: str, offset: int) -> Position:
        """Return the position with another offset in one output."""
        return replace(self, **{stream: offset})


@dataclass(frozen=True, kw_only=True)
class Segment:
    """Consecutive bytes of one output; `line` numbers its first line, if that is known.

    `time_ms`: when it had been written, in milliseconds since 1970; None if not known yet.
    """

    stream: str
    start: int
    data: bytes
    time_ms: int | None = None
    line: int | None = None


@dataclass(frozen=True, kw_only=True)
class MergedWindow:
    """Segments in order, from `start` to `end`; `size` is the end of both outputs."""

    segments: tuple[Segment, ...]
    start: Position
    end: Position
    size: Position
    skipped: int = 0


def is_known(folder: Path) -> bool:
    """Return whether there is an index that tells the order."""
    return is_own(folder / INDEX)


class MergedLog:
    """Both outputs of a run folder, open for one answer; use it in a `with` block."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._logs: dict[str, BinaryIO] = {}
        self._stack = ExitStack()

    def __enter__(self) -> MergedLog:
        sizes = {}
        for stream in STREAMS:
            log, sizes[stream] = self._stack.enter_context(opened(self._folder, stream))
            self._logs[stream] = log
        self.size = Position(**sizes)
        return self

    def __exit__(self, *problem: object) -> None:
        self._stack.close()

    def tail(self) -> MergedWindow:
        """Return the end of both outputs."""
        return self._ending_at(self.size)

    def news(self, position: Position) -> MergedWindow:
        """Return what follows; the tail if that is too far back or an output was truncated."""
        if position.stdout > self.size.stdout or position.stderr > self.size.stderr:
            return self.tail()
        if self.size.total - position.total > FAR_BEHIND_BYTES:
            tail = self.tail()
            return replace(tail, skipped=tail.start.total - position.total)
        return self._starting_at(position, most=NEWS_BYTES)

    def before(self, position: Position) -> MergedWindow:
        """Return what comes just before."""
        return self._ending_at(self._inside(position))

    def after(self, position: Position) -> MergedWindow:
        """Return what follows, however far from the end that is."""
        return self._starting_at(self._inside(position), most=CHUNK_BYTES)

    def around(self, position: Position) -> MergedWindow:
        """Return some lines before a position, and what follows."""
        start = self._line_starts(self._back(self._inside(position), CONTEXT_BYTES))
        return self._numbered(self._starting_at(start, most=CHUNK_BYTES))

    def position_of(self, stream: str, offset: int) -> Position:
        """Return the position of a byte of one output."""
        last, now = Position(), _Point(self.size, None)
        for now in self._points(Position()):
            if now.of(stream) > offset:
                break
            last = now.position
        other = now.of("stdout") if stream == "stderr" else last.stderr
        return Position(stdout=other, stderr=other).moved(stream, offset)

    def position_at(self, *, share: float = 0, time_ms: int | None = None) -> Position:
        """Return the line at a share, from 0 to 1, of both outputs, or at a time."""
        wanted = round(share * self.size.total)
        last = Position()
        for now in self._points(Position()):
            if time_ms is not None:
                if now.time_ms is None or now.time_ms > time_ms:
                    break
            elif now.position.total > wanted:
                stdout = min(now.of("stdout"), last.stdout + wanted - last.total)
                last = Position(stdout=stdout, stderr=wanted - stdout)
                break
            last = now.position
        return self._line_starts(last)

    def _starting_at(
        self, start: Position, *, most: int, end: Position | None = None
    ) -> MergedWindow:
        segments = tuple(self._segments(start, most, end or self.size))
        reached = start
        for segment in segments:
            reached = reached.moved(segment.stream, segment.start + len(segment.data))
        return MergedWindow(segments=segments, start=start, end=reached, size=self.size)

    def _ending_at(self, end: Position) -> MergedWindow:
        start = self._line_starts(self._back(end, CHUNK_BYTES), end=end)
        return self._numbered(self._starting_at(start, most=CHUNK_BYTES, end=end))

    def _segments(self, position: Position, budget: int, end: Position) -> Iterator[Segment]:
        """Yield what follows a position, interval by interval, stdout before stderr."""
        for point in self._points(position):
            for stream in STREAMS:
                start = position.of(stream)
                count = min(point.of(stream), end.of(stream)) - start
                if count <= 0:
                    continue
                data = read_at(self._logs[stream], start, min(count, budget))
                if data:
                    yield Segment(stream=stream, start=start, data=data, time_ms=point.time_ms)
                budget -= len(data)
                position = position.moved(stream, start + len(data))
                if budget <= 0 or len(data) < count:
                    return

    def _back(self, position: Position, budget: int) -> Position:
        """Return the position that is so many bytes before."""
        points = [
            point
            for point in self._points(position, budget)
            if point.position.total < position.total
        ]
        for last in (*reversed(points), _Point(Position(), None)):
            for stream in reversed(STREAMS):
                count = position.of(stream) - min(position.of(stream), last.of(stream))
                if count >= budget:
                    return position.moved(stream, position.of(stream) - budget)
                budget -= count
                position = position.moved(stream, position.of(stream) - count)
        return position

    def _points(self, position: Position, budget: int = 0) -> list[_Point]:
        """Return the index, at least from `budget` bytes before a position on, and the end."""
        points = self._read_points(last_bytes=LAST_BYTES)
        if not points or points[0].position.total > max(0, position.total - budget):
            points = self._read_points()
        return [*points, _Point(self.size, None)]

    def _read_points(self, *, last_bytes: int | None = None) -> list[_Point]:
        moments = read_moments(self._folder, last_bytes=last_bytes)
        return [
            _Point(
                self._inside(Position(stdout=moment.stdout, stderr=moment.stderr)), moment.time_ms
            )
            for moment in moments
        ]

    def _inside(self, position: Position) -> Position:
        return Position(
            stdout=min(position.stdout, self.size.stdout),
            stderr=min(position.stderr, self.size.stderr),
        )

    def _line_starts(self, position: Position, *, end: Position | None = None) -> Position:
        """Return the position moved on to where lines begin, but not past `end`."""
        for stream in STREAMS:
            offset = position.of(stream)
            near = read_at(self._logs[stream], max(0, offset - 1), NEAR_BYTES)
            if offset and (at := near.find(b"\n")) >= 0:
                offset += at
            limit = (end or self.size).of(stream)
            position = position.moved(stream, min(offset, limit))
        return position

    def _numbered(self, window: MergedWindow) -> MergedWindow:
        """Add the line number to the first segment of each output, if it begins a line."""
        seen: set[str] = set()
        segments = []
        for segment in window.segments:
            is_first = segment.stream not in seen
            seen.add(segment.stream)
            segments.append(replace(segment, line=self._line(segment)) if is_first else segment)
        return replace(window, segments=tuple(segments))

    def _line(self, segment: Segment) -> int | None:
        log = self._logs[segment.stream]
        if segment.start and read_at(log, segment.start - 1, 1) != b"\n":
            return None
        return index_of(log, self.size.of(segment.stream)).line_at(log, segment.start)


@dataclass(frozen=True, slots=True)
class _Point:
    """A line of the index, or the present end with no time."""

    position: Position
    time_ms: int | None

    def of(self, stream: str) -> int:
        return self.position.of(stream)
