"""Writes one run into MLflow. Every step may be repeated and then adds nothing.

1. `open_run`: the experiment by its name, then the run by its tag, or a new one.
2. `fill_run`: parameters, metrics with their original times, files, the script's own runs as
   children, status and true end.
3. The tag that says the run is whole comes last.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from runs_app.records.metrics import read_metrics
from runs_app.runner.folder import RunFolder
from runs_app.runner.outputs.metrics import MetricPoint
from runs_app.tracking import children
from runs_app.tracking.client import (
    OpenedRun,
    add_files,
    add_metrics,
    add_values,
    create_run,
    find_run,
)
from runs_app.tracking.record import TrackingRecord
from runs_app.tracking.store import client, is_http, probe, translated_errors

RUN_TAG = "guardianflow.run_id"
COMPLETE_TAG = "guardianflow.complete"


def open_run(record: TrackingRecord, *, known_run_id: str = "") -> OpenedRun:
    """Return the run of this record in MLflow, made if it is not there; raises TrackingError."""
    with translated_errors():
        experiment_id = _experiment(record.experiment)
        found = find_run(experiment_id, {RUN_TAG: record.run_id}, known_run_id=known_run_id)
        if found is not None:
            return found
        return create_run(
            experiment_id,
            name=record.name,
            started_ms=record.started_ms,
            tags={RUN_TAG: record.run_id, **record.tags},
        )


def fill_run(opened: OpenedRun, record: TrackingRecord, folder: RunFolder) -> None:
    """Write everything of the record that is not there yet; raises TrackingError."""
    if opened.deleted:
        return
    with translated_errors():
        run_id = opened.run_id
        add_values(run_id, tags=record.tags, params=record.params)
        add_metrics(run_id, read_metrics(folder))
        add_files(
            run_id, ((folder.path / upload.source, upload.target) for upload in record.uploads)
        )
        children.copy(folder.written_store(), opened, record)
        client().set_terminated(run_id, status=record.status, end_time=record.finished_ms)
        client().set_tag(run_id, COMPLETE_TAG, "true")


def add_live(opened: OpenedRun, points: Iterable[MetricPoint]) -> None:
    """Write points of a run whose script has not ended; raises TrackingError."""
    if opened.deleted:
        return
    with translated_errors():
        add_metrics(opened.run_id, points)


def _experiment(name: str) -> str:
    """Return the id of the experiment, made or brought back from deletion if need be."""
    from mlflow.entities import LifecycleStage
    from mlflow.exceptions import MlflowException

    experiment = client().get_experiment_by_name(name)
    if experiment is None:
        try:
            made: str = client().create_experiment(name, artifact_location=_artifact_location())
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
            experiment = client().get_experiment_by_name(name)
        else:
            return made
    if experiment.lifecycle_stage == LifecycleStage.DELETED:
        client().restore_experiment(experiment.experiment_id)
    return str(experiment.experiment_id)


def _artifact_location() -> str | None:
    """A server knows where its files go; a direct store would put them where we happen to be."""
    if is_http():
        return None
    return (Path(settings.MLFLOW_ARTIFACTS) / uuid.uuid4().hex).as_uri()


__all__ = ["OpenedRun", "add_live", "fill_run", "open_run", "probe"]
