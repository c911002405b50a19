"""Writes one run to MLflow. Every step is idempotent.

1. `open_run`: the run by its tag in its experiment (`experiments`), or a new one.
2. `fill_run`: parameters, metrics with their original times, files, the script's own runs as
   children, status and true end.
3. The tag that marks the run as complete is written last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from runs_app.records.metrics import read_metrics
from runs_app.runner.folder import RunFolder
from runs_app.runner.outputs.metric_points import MetricPoint
from runs_app.runner.outputs.one_content import own_copies
from runs_app.tracking import children
from runs_app.tracking.client import (
    OpenedRun,
    add_files,
    add_metrics,
    add_values,
    create_run,
    find_run,
)
from runs_app.tracking.metric_keys import Keys, keys_of
from runs_app.tracking.record import TrackingRecord
from runs_app.tracking.same_curves import curves_of
from runs_app.tracking.store import client, probe, translated_errors
from runs_app.tracking.tags import COMPLETE_TAG, RUN_TAG


def open_run(record: TrackingRecord, *, experiment_id: str, known_run_id: str = "") -> OpenedRun:
    """Return the run of this record in MLflow, created if missing; raises TrackingError."""
    with translated_errors():
        found = find_run(experiment_id, {RUN_TAG: record.run_id}, known_run_id=known_run_id)
        if found is not None:
            return found
        return create_run(
            experiment_id,
            name=record.name,
            started_ms=record.started_ms,
            tags={RUN_TAG: record.run_id, **record.tags},
        )


def fill_run(
    opened: OpenedRun, record: TrackingRecord, folder: RunFolder, *, is_patient: bool = True
) -> list[str]:
    """Write everything of the record that is missing in MLflow; raises TrackingError.

    Return the artifacts that MLflow refused; the rest is written anyway.
    """
    if opened.deleted:
        return []
    with translated_errors():
        run_id = opened.run_id
        add_values(run_id, tags=record.tags, params=record.params)
        keys = keys_of(point.key for point in read_metrics(folder))
        add_metrics(run_id, _with_keys(read_metrics(folder), keys.__getitem__))
        own = own_copies(folder)
        refused = add_files(
            run_id,
            ((folder.path / upload.source, upload.target) for upload in record.uploads),
            is_patient=is_patient,
            own=own,
        )
        parent = children.Parent(opened=opened, curves=curves_of(read_metrics(folder)), own=own)
        for store in folder.child_stores():
            refused += children.copy(store, parent, record, is_patient=is_patient)
        client().set_terminated(run_id, status=record.status, end_time=record.finished_ms)
        client().set_tag(run_id, COMPLETE_TAG, "true")
        return refused


def add_live(opened: OpenedRun, points: Iterable[MetricPoint], keys: Keys) -> None:
    """Write points of a run whose script has not ended; raises TrackingError."""
    if opened.deleted:
        return
    with translated_errors():
        add_metrics(opened.run_id, _with_keys(points, keys.key))


def _with_keys(points: Iterable[MetricPoint], key: Callable[[str], str]) -> Iterator[MetricPoint]:
    """Yield points under names that MLflow accepts."""
    return (replace(point, key=key(point.key)) for point in points)


__all__ = ["OpenedRun", "add_live", "fill_run", "open_run", "probe"]
