"""Copies the runs that a script opened itself into MLflow, as children of the wrapper's run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from runs_app.runner.outputs.metrics import clean_key
from runs_app.tracking.artifact_names import safe_name
from runs_app.tracking.child_store import PARENT_TAG, ChildRun, read_runs
from runs_app.tracking.client import (
    OpenedRun,
    add_files,
    add_metrics,
    add_values,
    create_run,
    find_run,
)
from runs_app.tracking.record import LONGEST_KEY, LONGEST_PARAM, LONGEST_TAG, TrackingRecord
from runs_app.tracking.store import client

OWNER_TAG = "guardianflow.parent_run"
CHILD_TAG = "guardianflow.child_id"
# Names of a run and of its parent are given anew.
_OWN_TAGS = {PARENT_TAG, "mlflow.runName", OWNER_TAG, CHILD_TAG}


def copy(store: Path, parent: OpenedRun, record: TrackingRecord) -> None:
    """Copy every run of `store`; repeatable. Nested runs stay nested. Raises MLflow's errors."""
    copied: dict[str, str] = {}
    for child in read_runs(store):
        copied[child.run_id] = _copy_run(
            child, parent, record, parent_id=copied.get(child.parent_id, parent.run_id)
        )


def _copy_run(child: ChildRun, parent: OpenedRun, record: TrackingRecord, *, parent_id: str) -> str:
    own = {OWNER_TAG: record.run_id, CHILD_TAG: clean_key(child.run_id)[:LONGEST_KEY]}
    tags = {**_cleaned(child.tags, LONGEST_TAG), **own, PARENT_TAG: parent_id}
    opened = find_run(parent.experiment_id, own) or create_run(
        parent.experiment_id,
        name=child.name or record.name,
        started_ms=child.started_ms or record.started_ms,
        tags=tags,
    )
    if not opened.deleted:
        _fill(child, opened.run_id, record)
    return opened.run_id


def _fill(child: ChildRun, run_id: str, record: TrackingRecord) -> None:
    add_values(run_id, tags={}, params=_cleaned(child.params, LONGEST_PARAM))
    add_metrics(
        run_id,
        (
            replace(point, key=key)
            for point in child.metrics()
            if (key := clean_key(point.key)[:LONGEST_KEY])
        ),
    )
    add_files(run_id, ((path, safe_name(name)) for path, name in child.artifacts()))
    is_closed = child.finished_ms is not None and child.status not in {"RUNNING", "SCHEDULED"}
    client().set_terminated(
        run_id,
        status=child.status if is_closed else "KILLED",
        end_time=child.finished_ms if is_closed else record.finished_ms,
    )


def _cleaned(values: dict[str, str], longest: int) -> dict[str, str]:
    cleaned: dict[str, str] = {}
    for name, value in values.items():
        key = clean_key(name)[:LONGEST_KEY]
        if key and name not in _OWN_TAGS:
            cleaned.setdefault(key, value[:longest])
    return cleaned
