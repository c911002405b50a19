"""Reads one file or log of a run with the matching reader, without content from earlier runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, takewhile
from pathlib import Path
from typing import BinaryIO

from registry_app.messages import Message
from registry_app.results import reasons
from registry_app.results.curves import MAX_POINTS, Curves, Series
from registry_app.results.reading import HEAD_BYTES, Reading, finished, read, rows_of
from registry_app.results.rows import LOG, ResultReader
from runs_app.runner.outputs.before import CHUNK_BYTES, OldFiles, Origin
from runs_app.runner.outputs.copying import NotKeptError
from runs_app.runner.outputs.keeping import as_text
from runs_app.runner.outputs.moments import LogMoments
from runs_app.runner.outputs.snapshot import Fingerprint
from runs_app.runner.own_file import open_own
from runs_app.texts import results as texts

MIB = 2**20
MAX_FILE_BYTES = 256 * MIB
# In memory for all files of a run; one more file needs space for this many.
MAX_POINTS_READ = 600_000
MIN_BUDGET = 1_000
# Of a longer log, this many bytes of its start and of its end are read.
MAX_LOG_HALF_BYTES = 2048 * MIB


@dataclass(frozen=True, kw_only=True)
class ResultFile:
    """A file that the run wrote, by its path in the directory; `open` opens its copy.

    `was_rewritten`: during the run it was seen shorter than before the start.
    """

    path: str
    open: Callable[[], BinaryIO]
    before: Fingerprint | None = None
    after: Fingerprint | None = None
    was_rewritten: bool = False


@dataclass(frozen=True, kw_only=True)
class Source:
    """The content of one file or log.

    `moment_ms` gives the time of a position in it, else all of it is of `written_ms`. `also_before`
    counts by name the first points that the old content of the file had as well. `is_log`: it was
    printed or logged by the script, with rounded numbers.
    """

    name: str
    reading: Reading
    written_ms: int
    is_log: bool = False
    moment_ms: Callable[[int], int | None] = lambda begin_bytes: None
    also_before: Mapping[str, int] = field(default_factory=dict)


def read_file(
    file: ResultFile, old: OldFiles, *, params: Mapping[str, str], budget: int = MAX_POINTS_READ
) -> Source:
    """Return the content of a file that is of this run; if unreadable, the reason.

    At most about `budget` points are returned: a table of thousands of columns is thinned more.
    """
    try:
        with file.open() as new:
            return _read(file, new, old, params=params, budget=budget)
    except (OSError, NotKeptError) as error:
        why = texts.UNREADABLE(error=getattr(error, "strerror", None) or str(error))
        return Source(name=as_text(file.path), reading=Reading(reason=why), written_ms=0)


def read_log(path: Path, stream: str) -> Source:
    """Return the content of an output of the script."""
    curves, cut = Curves(), None
    try:
        with open_own(path) as log:
            facts = os.fstat(log.fileno())
            written_ms = facts.st_mtime_ns // 1_000_000
            if not facts.st_size:
                nothing = Reading(reader=LOG, reason=reasons.NO_NUMBERS())
                return Source(name=stream, reading=nothing, written_ms=written_ms, is_log=True)
            # Not for an empty log: readers take longer to import than such a script to run.
            from registry_app.results.choosing import log_reader

            reader = log_reader()
            if facts.st_size > 2 * MAX_LOG_HALF_BYTES:
                half = MAX_LOG_HALF_BYTES // MIB
                cut = texts.LOG_CUT(first=half, last=half)
            curves.add_all(rows_of(reader, _log_pieces(log, facts.st_size)))
    except OSError:
        return Source(name=stream, reading=Reading(), written_ms=0, is_log=True)
    reading = finished(reader, curves)
    if cut:
        reading = replace(reading, notes=(*reading.notes, cut))
    moments = LogMoments(path.parent, stream)
    return Source(
        name=stream,
        reading=reading,
        written_ms=written_ms,
        is_log=True,
        moment_ms=moments.at_ms,
    )


def _read(
    file: ResultFile, new: BinaryIO, old: OldFiles, *, params: Mapping[str, str], budget: int
) -> Source:
    facts = os.fstat(new.fileno())
    written_ns = file.after.mtime_ns if file.after else facts.st_mtime_ns
    nothing = Source(name=as_text(file.path), reading=Reading(), written_ms=written_ns // 1_000_000)
    if facts.st_size > MAX_FILE_BYTES:
        too_large = reasons.TOO_LARGE(mebibytes=MAX_FILE_BYTES // MIB)
        return replace(nothing, reading=Reading(reason=too_large))
    origin, old_bytes = old.origin(file.path, new, before=file.before, after=file.after)
    if file.was_rewritten and origin is Origin.APPENDED:
        origin, old_bytes = Origin.REWRITTEN, 0
    if origin is Origin.UNTOUCHED:
        return replace(nothing, reading=Reading(reason=texts.UNTOUCHED()))
    from registry_app.results.choosing import choose  # only here is there something to read

    pieces = _pieces(new)
    head = b"".join(_head(pieces))
    reader = choose(file.path, head, params=params)
    if isinstance(reader, Message):
        return replace(nothing, reading=Reading(reason=reader))
    if reader.is_document and origin is Origin.APPENDED:
        origin, old_bytes = Origin.REWRITTEN, 0
    if budget < MIN_BUDGET:
        return replace(nothing, reading=Reading(reason=texts.TOO_MANY_POINTS()))
    reading = _new_rows(new, reader, chain([head], pieces), old_bytes, budget=budget)
    also_before = {}
    if origin is Origin.REWRITTEN and reading.series:
        before = read(file.path, old.pieces(file.path), params=params)
        also_before = _leading(before.series, reading.series)
    return replace(
        nothing,
        reading=_with_notes(reading, origin, sum(also_before.values())),
        is_log=reader.is_by_line,
        also_before=also_before,
    )


def _new_rows(
    new: BinaryIO, reader: ResultReader, pieces: Iterator[bytes], old_bytes: int, *, budget: int
) -> Reading:
    """Return the content after the first `old_bytes`, and a note about the content before."""
    if old_bytes and reader.is_by_line:
        return _new_lines(new, reader, old_bytes)
    curves, skipped = None, 0
    for row in rows_of(reader, pieces):
        if row.begin_bytes < old_bytes:
            skipped += len(row.values)
            continue
        # Other rows are as wide as the first.
        curves = curves or Curves(max_points=min(MAX_POINTS, budget // max(1, len(row.values))))
        curves.add(row)
    reading = finished(reader, curves or Curves())
    note = [texts.ROWS_FROM_BEFORE(count=skipped)] if skipped else []
    return replace(reading, notes=(*reading.notes, *note))


def _new_lines(new: BinaryIO, reader: ResultReader, old_bytes: int) -> Reading:
    """Return the content of the lines after the first `old_bytes`; earlier lines are not read."""
    new.seek(0)
    old_lines = sum(piece.count(b"\n") for piece in _until(new, old_bytes))
    new.seek(old_bytes)
    curves = Curves()
    for row in rows_of(reader, _pieces(new)):
        curves.add(row._replace(line=row.line + old_lines, begin_bytes=row.begin_bytes + old_bytes))
    reading = finished(reader, curves)
    return replace(reading, notes=(*reading.notes, texts.LINES_FROM_BEFORE(count=old_lines)))


def _with_notes(reading: Reading, origin: Origin, also_before: int) -> Reading:
    notes = list(reading.notes)
    if also_before:
        notes.append(texts.ALSO_BEFORE(count=also_before))
    if origin is Origin.UNKNOWN and reading.series:
        notes.append(texts.BEFORE_UNKNOWN())
    return replace(reading, notes=tuple(notes))


def _leading(before: tuple[Series, ...], now: tuple[Series, ...]) -> dict[str, int]:
    """Return by name how many first points a series shares with the older one."""
    older = {curve.name: curve.points for curve in before}
    found = {}
    for series in now:
        pairs = zip(older.get(series.name, ()), series.points, strict=False)
        same = takewhile(
            lambda pair: (pair[0].step, repr(pair[0].value)) == (pair[1].step, repr(pair[1].value)),
            pairs,
        )
        if count := sum(1 for _pair in same):
            found[series.name] = count
    return found


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: file.read(CHUNK_BYTES), b"")


def _head(pieces: Iterator[bytes]) -> Iterator[bytes]:
    length = 0
    for piece in pieces:
        yield piece
        length += len(piece)
        if length >= HEAD_BYTES:
            return


def _log_pieces(log: BinaryIO, size_bytes: int) -> Iterator[bytes]:
    """Yield a log at the size it had when opened; of a huge log, only its two ends."""
    half = MAX_LOG_HALF_BYTES if size_bytes > 2 * MAX_LOG_HALF_BYTES else size_bytes
    yield from _until(log, half)
    if half < size_bytes:
        log.seek(size_bytes - half)
        yield b"\n"
        log.readline()
        yield from _until(log, size_bytes)


def _until(log: BinaryIO, end: int) -> Iterator[bytes]:
    while (left := end - log.tell()) > 0 and (piece := log.read(min(CHUNK_BYTES, left))):
        yield piece
