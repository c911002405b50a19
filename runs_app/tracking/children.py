"""Copies the runs that a script opened itself into MLflow, as children of the portal's run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from runs_app.runner.outputs.one_content import Inode
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
from runs_app.tracking.metric_keys import clean_key
from runs_app.tracking.record import (
    MAX_KEY_LENGTH,
    MAX_PARAM_LENGTH,
    MAX_TAG_LENGTH,
    TrackingRecord,
)
from runs_app.tracking.same_curves import Curve, without_known
from runs_app.tracking.store import client
from runs_app.tracking.tags import CHILD_TAG, CURVES_TAG, OWNER_TAG

# The copy gets its own run name and parent.
_OWN_TAGS = {PARENT_TAG, "mlflow.runName", OWNER_TAG, CHILD_TAG, CURVES_TAG}


@dataclass(frozen=True, kw_only=True)
class Parent:
    """The portal's run: its curves, which no child repeats, and its files that may be linked."""

    opened: OpenedRun
    curves: Mapping[str, Curve] = field(default_factory=dict)
    own: Collection[Inode] = frozenset()


def copy(
    store: Path, parent: Parent, record: TrackingRecord, *, is_patient: bool = True
) -> list[str]:
    """Copy the runs of `store` and return the files that MLflow refused. Repeatable.

    Nested runs stay nested; one that the script deleted stays deleted. Raises MLflow's errors.
    """
    copied: dict[str, str] = {}
    refused: list[str] = []
    for child in read_runs(store):
        if not child.is_deleted:
            parent_id = copied.get(child.parent_id, parent.opened.run_id)
            opened = _opened(child, parent.opened, record, parent_id=parent_id)
            copied[child.run_id] = opened.run_id
            if not opened.deleted:
                refused += _fill(child, opened.run_id, parent, record, is_patient=is_patient)
    return refused


def _opened(
    child: ChildRun, parent: OpenedRun, record: TrackingRecord, *, parent_id: str
) -> OpenedRun:
    own = {OWNER_TAG: record.run_id, CHILD_TAG: clean_key(child.run_id)[:MAX_KEY_LENGTH]}
    tags = {**_cleaned(child.tags, MAX_TAG_LENGTH), **own, PARENT_TAG: parent_id}
    return find_run(parent.experiment_id, own) or create_run(
        parent.experiment_id,
        name=child.name or record.name,
        started_ms=child.started_ms or record.started_ms,
        tags=tags,
    )


def _fill(
    child: ChildRun, run_id: str, parent: Parent, record: TrackingRecord, *, is_patient: bool
) -> list[str]:
    repeated: set[str] = set()
    points = without_known(child.metrics(), parent.curves, repeated)
    add_values(run_id, tags={}, params=_cleaned(child.params, MAX_PARAM_LENGTH))
    add_metrics(
        run_id,
        (
            replace(point, key=key)
            for point in points
            if (key := clean_key(point.key)[:MAX_KEY_LENGTH])
        ),
    )
    if repeated:
        client().set_tag(run_id, CURVES_TAG, ", ".join(sorted(repeated))[:MAX_TAG_LENGTH])
    files = ((path, safe_name(name)) for path, name in child.artifacts())
    refused = add_files(run_id, files, is_patient=is_patient, own=parent.own)
    is_closed = child.finished_ms is not None and child.status not in {"RUNNING", "SCHEDULED"}
    client().set_terminated(
        run_id,
        status=child.status if is_closed else "KILLED",
        end_time=child.finished_ms if is_closed else record.finished_ms,
    )
    return refused


def _cleaned(values: dict[str, str], longest: int) -> dict[str, str]:
    cleaned: dict[str, str] = {}
    for name, value in values.items():
        key = clean_key(name)[:MAX_KEY_LENGTH]
        if key and name not in _OWN_TAGS:
            cleaned.setdefault(key, value[:longest])
    return cleaned
