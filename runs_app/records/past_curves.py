"""The curves of results that an experiment's directory has from before the portal.

A scan has found the tables; they are read where they are, and only when a reader asks for them.
Tables that a run of the portal wrote are left out: their curves are those of that run.
"""

from __future__ import annotations

import os
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from registry_app.exceptions import RegistryError
from registry_app.files.paths import experiment_place
from registry_app.models import Experiment, FactSheet
from registry_app.results.reading import Reading, read
from runs_app.models import RunFile
from runs_app.records.curves import MAX_CURVES, MAX_POINTS, Curve, thin
from runs_app.records.kept_file import open_inside

MAX_TABLES = 5
MAX_BYTES = 8 * 2**20
BLOCK_BYTES = 2**16
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True, kw_only=True)
class PastResult:
    """A table of the directory, by its path, with its curves."""

    path: str
    curves: tuple[Curve, ...]


def past_results(experiment: Experiment) -> list[PastResult]:
    """Return the newest tables by their names, `exp12` after `exp9`; two queries, at most."""
    sheet = FactSheet.objects.filter(experiment=experiment).only("past_runs").first()
    paths = [str(row["path"]) for row in sheet.past_runs if row["rows"] > 1] if sheet else []
    if not paths:
        return []
    own = RunFile.objects.filter(run__experiment=experiment, path__in=paths)
    known = set(own.values_list("path", flat=True))
    wanted = sorted((path for path in paths if path not in known), key=_by_numbers)
    try:
        place = experiment_place(experiment)
    except RegistryError:
        return []
    found = []
    for path in wanted[-MAX_TABLES:]:
        try:
            with open_inside(place, path) as file:
                found.append(_result(path, file))
        except OSError:  # gone, a link, or not readable
            continue
    return [result for result in found if result.curves]


def _result(path: str, file: BinaryIO) -> PastResult:
    written_ms = round(os.fstat(file.fileno()).st_mtime * 1000)
    reading = read(path, _pieces(file), max_points=MAX_POINTS)
    return PastResult(path=path, curves=tuple(_curves(reading, written_ms)))


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    left = MAX_BYTES
    while left > 0 and (piece := file.read(min(BLOCK_BYTES, left))):
        left -= len(piece)
        yield piece


def _curves(reading: Reading, written_ms: int) -> Iterator[Curve]:
    for series in reading.series[:MAX_CURVES]:
        points = sorted(series.points, key=lambda point: point.step)
        shown = [points[at] for at in thin([point.value for point in points], MAX_POINTS)]
        if len(shown) > 1:
            yield Curve(
                name=series.name,
                steps=array("q", (point.step for point in shown)),
                moments_ms=array(
                    "q", (round((point.seconds or 0) * 1000) or written_ms for point in shown)
                ),
                values=array("d", (point.value for point in shown)),
                count=series.count,
            )


def _by_numbers(path: str) -> tuple[str, list[int]]:
    return _NUMBERS.sub("0", path), [int(number) for number in _NUMBERS.findall(path)]
