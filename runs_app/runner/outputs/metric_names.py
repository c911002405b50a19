"""The name of each series of a run: two sources never share one, and no series is reported twice.

Scripts write the same numbers in several places: a table and the log, each checkpoint with the
history so far. A series that another source contains completely is reported only for that source.
A name that several sources still share belongs to the first; the others prefix their file's name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from registry_app.results.curves import Point, Series
from registry_app.results.numbers import is_rounding, is_same, is_scaled
from runs_app.runner.outputs.moments import STREAMS
from runs_app.runner.outputs.sources import Source

_Index = dict[int, list[float]]
# A value of one series, and those of another that it may repeat.
_Pair = tuple[float, list[float]]


@dataclass(frozen=True, kw_only=True)
class Named:
    """A series with its name in the run."""

    name: str
    source: Source
    series: Series


def without_repeats(
    sources: Sequence[Source], owners: Mapping[str, str]
) -> tuple[list[tuple[Source, Series]], dict[str, dict[str, list[str]]]]:
    """Return the series that no other source contains, and what each source repeats.

    The second maps each source to the names it repeats, by the source that has them. Of two equal
    series, the one of `owners` stays, else the first.
    """
    by_name: dict[str, list[tuple[int, Source, Series]]] = defaultdict(list)
    for place, source in enumerate(sources):
        for series in source.reading.series:
            is_owner = owners.get(series.name) == source.name
            by_name[plain(series.name)].append((-1 if is_owner else place, source, series))
    repeats: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    dropped: set[tuple[str, str]] = set()
    for same_name in by_name.values():
        # The longest first: a shorter series may be its beginning.
        ordered = sorted(same_name, key=lambda item: (-item[2].count, _rank(item[1]), item[0]))
        kept: list[tuple[Source, Series, _Index]] = []
        for _place, source, series in ordered:
            other = next(
                (
                    first
                    for first, earlier, index in kept
                    if _repeats(source, series, first, earlier, index)
                ),
                None,
            )
            if other is None:
                kept.append((source, series, _index(series)))
            else:
                repeats[source.name][other.name].append(series.name)
                dropped.add((source.name, series.name))
    left = [
        (source, series)
        for source in sources
        for series in source.reading.series
        if (source.name, series.name) not in dropped
    ]
    return left, repeats


def named(series: Iterable[tuple[Source, Series]], owners: Mapping[str, str]) -> list[Named]:
    """Return each series with a unique name."""
    series = list(series)
    there = {(curve.name, source.name) for source, curve in series}
    first = {name: source for name, source in owners.items() if (name, source) in there}
    for source, curve in series:
        first.setdefault(curve.name, source.name)
    taken = set(first)
    found = []
    for source, curve in series:
        name = curve.name
        if first[name] != source.name:
            name = _free(curve.name, source.name, taken)
            taken.add(name)
        found.append(Named(name=name, source=source, series=curve))
    return found


def own_name(name: str, source: str, owners: dict[str, str]) -> str:
    """Return the name of a series while the script runs; the first source gets the plain name."""
    if owners.setdefault(name, source) == source:
        return name
    return prefixed(name, source)


def prefixed(name: str, source: str) -> str:
    """Return a name prefixed with its file's name without suffix."""
    return f"{PurePosixPath(source).with_suffix('')}/{name}"


def plain(name: str) -> str:
    """Return a name without case and punctuation: `Train Loss` equals `train/loss`."""
    return re.sub(r"[\W_]+", "", name).casefold()


def importance(path: str) -> tuple[bool, int, str]:
    """Return a sort key that puts the files first that users look at first."""
    return (PurePosixPath(path).name != "results.csv", path.count("/"), path)


def _rank(source: Source) -> int:
    """Return the rank of a source for a shared series: file, output with times, other log."""
    if not source.is_log:
        return 0
    return 1 if source.name in STREAMS else 2


def _free(name: str, source: str, taken: set[str]) -> str:
    candidate = prefixed(name, source)
    if candidate in taken:
        candidate = f"{source}/{name}"
    number = 2
    while candidate in taken:
        candidate = f"{source}/{name} ({number})"
        number += 1
    return candidate


def _repeats(source: Source, series: Series, other: Source, earlier: Series, index: _Index) -> bool:
    """Return whether `earlier` contains all points of `series`.

    A log rounds its numbers and may count from another first step. Names that differ only in case
    or punctuation count as equal only between a log and a file.
    """
    if source is other:
        return False
    if source.is_log and len(series.points) < len(earlier.points):
        return _is_rounded(_partners(series, index))
    if source.is_log or other.is_log:
        pairs = [
            (point.value, [same.value])
            for point, same in zip(series.points, earlier.points, strict=False)
        ]
        return len(series.points) == len(earlier.points) and _is_rounded(pairs)
    return series.name == earlier.name and _is_part(series.points, index)


def _partners(series: Series, index: _Index) -> list[_Pair]:
    """Return each value of a short series with those of its step, which may be the same.

    A single value without an axis, such as one of the last line, may be that of any step.
    """
    if len(series.points) == 1 and not series.axis:
        return [(series.points[0].value, [value for values in index.values() for value in values])]
    return [(point.value, index.get(point.step, [])) for point in series.points]


def _index(series: Series) -> _Index:
    """Return the values of each step, so that hundreds of files are compared quickly."""
    found: _Index = defaultdict(list)
    for point in series.points:
        found[point.step].append(point.value)
    return found


def _is_part(points: Sequence[Point], index: _Index) -> bool:
    return all(
        any(is_same(point.value, value) for value in index.get(point.step, ())) for point in points
    )


def _is_rounded(pairs: Sequence[_Pair]) -> bool:
    """Return whether values are others with fewer digits, or these in percent or as fractions."""
    if all(any(is_rounding(value, exact) for exact in others) for value, others in pairs):
        return True
    return any(value for value, _others in pairs) and any(
        all(any(is_scaled(value, exact, factor) for exact in others) for value, others in pairs)
        for factor in (100, 0.01)
    )
