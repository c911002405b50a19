"""Short ways to read a text in a test."""

from __future__ import annotations

from collections.abc import Mapping

from registry_app.results.choosing import log_reader
from registry_app.results.curves import Curves
from registry_app.results.reading import Reading, finished, read, rows_of

Points = dict[str, dict[int, float]]


def points_of(reading: Reading) -> Points:
    """Return the points by name and step."""
    return {one.name: {point.step: point.value for point in one.points} for one in reading.series}


def file_points(path: str, text: str | bytes, *, params: Mapping[str, str] | None = None) -> Points:
    """Return what a file of this content says, whatever pieces it comes in."""
    data = text.encode() if isinstance(text, str) else text
    whole = points_of(read(path, [data], params=params))
    pieces = [data[at : at + 7] for at in range(0, len(data), 7)]
    in_pieces = points_of(read(path, pieces, params=params))
    assert str(in_pieces) == str(whole)  # as text, since NaN equals nothing
    return whole


def log_points(text: str | bytes) -> Points:
    """Return what a log of this content says, whatever pieces it comes in."""
    data = text.encode() if isinstance(text, str) else text
    found = []
    for size in (len(data) or 1, 5):
        reader, curves = log_reader(), Curves()
        pieces = [data[at : at + size] for at in range(0, len(data), size)]
        curves.add_all(rows_of(reader, pieces))
        found.append(points_of(finished(reader, curves)))
    assert str(found[0]) == str(found[1])
    return found[0]
