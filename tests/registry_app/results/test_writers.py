"""How much of what writers leave is found, and how much is found that is not there."""

from __future__ import annotations

import pytest

from registry_app.results.choosing import log_reader
from registry_app.results.curves import Curves
from registry_app.results.reading import Reading, finished, read, rows_of
from tests.registry_app.results.writers.documents import DOCUMENTS
from tests.registry_app.results.writers.events import EVENTS
from tests.registry_app.results.writers.frameworks import FRAMEWORKS
from tests.registry_app.results.writers.labels import Writer
from tests.registry_app.results.writers.loops import LOOPS
from tests.registry_app.results.writers.other_logs import OTHER_LOGS
from tests.registry_app.results.writers.tables import TABLES

WRITERS = [*LOOPS, *FRAMEWORKS, *OTHER_LOGS, *TABLES, *DOCUMENTS, *EVENTS]
LEAST = 0.99


def _read(writer: Writer) -> Reading:
    if writer.path:
        return read(writer.path, [writer.data])
    reader, curves = log_reader(), Curves()
    curves.add_all(rows_of(reader, [writer.data]))
    return finished(reader, curves)


def _found(writer: Writer) -> set[tuple[str, int, str]]:
    return {
        (series.name, point.step, f"{point.value:.6g}")
        for series in _read(writer).series
        for point in series.points
    }


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.name)
def test_the_points_of_a_writer_are_those_that_a_person_reads(writer: Writer) -> None:
    assert _found(writer) == writer.labelled()


def test_nearly_all_points_are_found_and_nearly_none_are_invented() -> None:
    assert len(WRITERS) >= 60
    labelled = {(writer.name, *point) for writer in WRITERS for point in writer.labelled()}
    found = {(writer.name, *point) for writer in WRITERS for point in _found(writer)}
    right = len(labelled & found)
    assert right / len(found) >= LEAST, "precision"
    assert right / len(labelled) >= LEAST, "recall"
