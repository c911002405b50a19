"""Read a whole file or stream of results in pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from registry_app.messages import Message
from registry_app.results import reasons
from registry_app.results.curves import MAX_POINTS, Curves, Series
from registry_app.results.rows import ResultReader, Row, Skipped

# What a reader is chosen by.
HEAD_BYTES = 64 * 2**10


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The results of one file: its reader, its series, or the reason why there are none.

    `skipped` are the ignored values by name; `notes` are remarks for users of the numbers, such
    as that a series was thinned.
    """

    reader: str = ""
    series: tuple[Series, ...] = ()
    reason: Message | None = None
    skipped: Mapping[str, Skipped] = field(default_factory=dict)
    notes: tuple[Message, ...] = ()

    @property
    def points(self) -> int:
        """The number of points before thinning."""
        return sum(series.count for series in self.series)


def read(
    path: str,
    pieces: Iterable[bytes],
    *,
    params: Mapping[str, str] | None = None,
    max_points: int = MAX_POINTS,
) -> Reading:
    """Read a file of results, given as pieces of bytes; `params` are those of its run.

    A number of a summary that equals the run's parameter of the same name is not a metric.
    """
    # Every run imports this module, and one without results needs no reader.
    from registry_app.results.choosing import choose

    begin, rest = _head(pieces)
    reader = choose(path, begin, params=params or {})
    if isinstance(reader, Message):
        return Reading(reason=reader)
    curves = Curves(max_points=max_points)
    curves.add_all(rows_of(reader, chain([begin], rest)))
    return finished(reader, curves)


def finished(reader: ResultReader, curves: Curves) -> Reading:
    """Return the results of a reader that reached the end."""
    series = curves.series()
    notes = [
        reasons.THINNED(name=curve.name, points=len(curve.points), count=curve.count)
        for curve in series
        if curve.is_thinned
    ]
    notes += reader.notes
    if curves.dropped:
        notes.append(reasons.TOO_MANY_NAMES(names=len(series), left_out=curves.dropped))
    return Reading(
        reader=reader.name,
        series=series,
        reason=None if series else reader.reason or reasons.NO_NUMBERS(),
        skipped=dict(reader.skipped),
        notes=tuple(notes),
    )


def rows_of(reader: ResultReader, pieces: Iterable[bytes]) -> Iterator[Row]:
    """Yield all rows of a file or stream."""
    for piece in pieces:
        yield from reader.feed(piece)
    yield from reader.end()


def _head(pieces: Iterable[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return enough of the beginning to choose a reader, and the rest."""
    begin, rest = b"", iter(pieces)
    for piece in rest:
        begin += piece
        if len(begin) >= HEAD_BYTES:
            break
    return begin, rest
