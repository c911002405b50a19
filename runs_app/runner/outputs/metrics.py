"""Metrics from the files and the output of a run, as named points.

Every file that the run wrote and that may hold results is read, and both outputs. Content from
before the start is not the run's. Sources that gave nothing are reported as well.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from registry_app.results.curves import Curves, Point, Series
from registry_app.results.reading import Reading
from registry_app.results.rows import Row
from runs_app.runner.outputs.before import OldFiles
from runs_app.runner.outputs.metric_names import Named, importance, named, without_repeats
from runs_app.runner.outputs.metric_points import Collected, LivePoint, MetricPoint, SourceRecord
from runs_app.runner.outputs.moments import STREAMS
from runs_app.runner.outputs.sources import (
    MAX_POINTS_READ,
    ResultFile,
    Source,
    read_file,
    read_log,
)
from runs_app.texts import results as texts

# Of all series together: what MLflow accepts in about a minute.
MAX_POINTS = 200_000
MAX_NAMES_SHOWN = 5


def collect_metrics(
    files: Iterable[ResultFile],
    logs: Path,
    *,
    old: OldFiles,
    params: Mapping[str, str],
    started_ms: int,
    finished_ms: int,
    live: Sequence[LivePoint] = (),
) -> Collected:
    """Return the metrics of a run: of `files`, and of the outputs in the run folder `logs`.

    A `live` point keeps its name and its time, so that it equals the point that MLflow already
    has.
    """
    ordered = sorted(files, key=lambda file: importance(file.path))
    sources: list[Source] = []
    budget = MAX_POINTS_READ
    for file in ordered:
        source = read_file(file, old, params=params, budget=budget)
        budget -= sum(len(series.points) for series in source.reading.series)
        sources.append(source)
    gone = _gone(live, {source.name for source in sources if source.reading.series})
    outputs = [read_log(logs / f"{stream}.log", stream) for stream in STREAMS]
    sources = [*_replaced(sources, gone), *outputs]
    owners: dict[str, str] = {}
    for seen in live:
        if seen.is_sent and seen.point.key == seen.name:
            owners.setdefault(seen.name, seen.point.file)
    left, repeats = without_repeats(sources, owners)
    shown = _within_limit(named(left, owners))
    clock = _Clock(live, started_ms=started_ms, finished_ms=finished_ms)
    points = tuple(point for named in shown for point in _points(named, clock))
    return Collected(
        points=points,
        sources=tuple(_record(source, shown, repeats.get(source.name, {})) for source in sources),
        seen={named.name: named.series.count for named in shown if named.series.is_thinned},
    )


class _Clock:
    """When a point appeared: when it was seen live, else by its writer or the file's time."""

    def __init__(self, live: Iterable[LivePoint], *, started_ms: int, finished_ms: int) -> None:
        self._started_ms, self._finished_ms = started_ms, finished_ms
        self._seen = {
            (point.name, point.point.step, repr(point.point.value)): point.point.timestamp_ms
            for point in live
            if point.point.file not in STREAMS
        }

    def moment_ms(self, named: Named, point: Point) -> int:
        """Return milliseconds since 1970; within the run's time unless the point was seen live."""
        seen = self._seen.get((named.series.name, point.step, repr(point.value)))
        if seen is not None and named.source.name not in STREAMS:
            return seen
        moment = named.source.moment_ms(point.begin_bytes)
        if point.seconds is not None:
            moment = self._started_ms + round(point.seconds * 1000)
        elif point.written_s is not None:
            moment = round(point.written_s * 1000)
        elif moment is None:
            moment = named.source.written_ms
        return max(self._started_ms, min(moment, self._finished_ms))


def _points(named: Named, clock: _Clock) -> Iterator[MetricPoint]:
    also_before = named.source.also_before.get(named.series.name, 0)
    for number, point in enumerate(named.series.points):
        yield MetricPoint(
            key=named.name,
            value=point.value,
            step=point.step,
            timestamp_ms=clock.moment_ms(named, point),
            file=named.source.name,
            line=point.line,
            was_before=number < also_before,
        )


def _gone(live: Iterable[LivePoint], read: set[str]) -> dict[str, Source]:
    """Return live points of files that can no longer be read: deleted or never saved."""
    curves: dict[str, Curves] = defaultdict(Curves)
    written_ms: dict[str, int] = {}
    for seen in live:
        point = seen.point
        if point.file in read or point.file in STREAMS:
            continue
        curves[point.file].add(Row(values={seen.name: point.value}, step=point.step))
        written_ms[point.file] = point.timestamp_ms
    return {
        file: Source(
            name=file,
            reading=Reading(series=rows.series(), notes=(texts.GONE(),)),
            written_ms=written_ms[file],
        )
        for file, rows in curves.items()
    }


def _replaced(sources: Iterable[Source], gone: dict[str, Source]) -> list[Source]:
    by_name = {source.name: source for source in sources} | gone
    return sorted(by_name.values(), key=lambda source: importance(source.name))


def _within_limit(shown: list[Named]) -> list[Named]:
    """Thin all series equally if there are more points than are sent to MLflow for a run."""
    if sum(len(named.series.points) for named in shown) <= MAX_POINTS:
        return shown
    most = MAX_POINTS // len(shown)
    return [
        Named(name=named.name, source=named.source, series=_thinned(named.series, most))
        if len(named.series.points) > most
        else named
        for named in shown
    ]


def _thinned(series: Series, most: int) -> Series:
    """Return evenly thinned points, with the first, the last and the extremes."""
    stride = math.ceil(len(series.points) / max(1, most - 4))
    finite = [point for point in series.points if math.isfinite(point.value)]
    extremes = [min(finite, key=_value), max(finite, key=_value)] if finite else []
    chosen = {*range(0, len(series.points), stride), len(series.points) - 1}
    chosen |= {series.points.index(point) for point in extremes}
    points = tuple(series.points[number] for number in sorted(chosen))
    return Series(name=series.name, axis=series.axis, points=points, count=series.count)


def _value(point: Point) -> float:
    return point.value


def _record(
    source: Source, shown: Iterable[Named], repeats: Mapping[str, Sequence[str]]
) -> SourceRecord:
    reading = source.reading
    taken = [named.series for named in shown if named.source is source]
    points = sum(len(series.points) for series in taken)
    repeated = [texts.REPEATED(source=other, names=_few(names)) for other, names in repeats.items()]
    reason = reading.reason
    if not points and reason is None and repeated:
        reason, repeated = repeated[0], repeated[1:]
    return SourceRecord(
        source=source.name,
        reader=reading.reader,
        points=points,
        reason=reason,
        notes=(*reading.notes, *repeated),
        skipped=reading.skipped,
    )


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MAX_NAMES_SHOWN])
    return f"{shown}, …" if len(names) > MAX_NAMES_SHOWN else shown
