"""The steps of writing a run into MLflow; each may be repeated and then adds nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath

from runs_app.runner.outputs.metrics import MetricPoint
from runs_app.runner.own_file import is_own
from runs_app.tracking.store import client

BATCH = 1000


@dataclass(frozen=True, kw_only=True)
class OpenedRun:
    """A run in MLflow; one that a person deleted there stays deleted."""

    experiment_id: str
    run_id: str
    deleted: bool = False


def find_run(
    experiment_id: str, tags: dict[str, str], *, known_run_id: str = ""
) -> OpenedRun | None:
    """Return the run that carries `tags`; of two, made by a crossed repeat, the first one."""
    from mlflow.entities import LifecycleStage, ViewType
    from mlflow.exceptions import MlflowException

    if known_run_id:
        try:
            known = client().get_run(known_run_id)
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
        else:
            return OpenedRun(
                experiment_id=known.info.experiment_id,
                run_id=known_run_id,
                deleted=known.info.lifecycle_stage == LifecycleStage.DELETED,
            )
    text = " and ".join(f"tags.`{key}` = '{value}'" for key, value in tags.items())
    found = client().search_runs([experiment_id], filter_string=text, run_view_type=ViewType.ALL)
    ordered = sorted(found, key=lambda run: (run.info.start_time, run.info.run_id))
    for extra in ordered[1:]:
        if extra.info.lifecycle_stage == LifecycleStage.ACTIVE:
            client().delete_run(extra.info.run_id)
    if not ordered:
        return None
    return OpenedRun(
        experiment_id=experiment_id,
        run_id=ordered[0].info.run_id,
        deleted=ordered[0].info.lifecycle_stage == LifecycleStage.DELETED,
    )


def create_run(
    experiment_id: str, *, name: str, started_ms: int, tags: dict[str, str]
) -> OpenedRun:
    """Make a run that began in the past; its tags come with it in one step."""
    made = client().create_run(experiment_id, start_time=started_ms, tags=tags, run_name=name)
    return OpenedRun(experiment_id=experiment_id, run_id=made.info.run_id)


def add_values(run_id: str, *, tags: dict[str, str], params: dict[str, str]) -> None:
    """Write tags, and those parameters that are not there: a parameter never changes."""
    from mlflow.entities import Param, RunTag

    there = client().get_run(run_id).data.params
    client().log_batch(
        run_id,
        params=[Param(key, value) for key, value in params.items() if key not in there],
        tags=[RunTag(key, value) for key, value in tags.items()],
    )


def add_metrics(run_id: str, points: Iterable[MetricPoint]) -> None:
    """Write points with their own times; MLflow drops one that it has already."""
    from mlflow.entities import Metric

    metrics = (Metric(point.key, point.value, point.timestamp_ms, point.step) for point in points)
    while batch := list(islice(metrics, BATCH)):
        client().log_batch(run_id, metrics=batch)


def add_files(run_id: str, files: Iterable[tuple[Path, str]]) -> None:
    """Upload files that are not there with the same size; a missing source is left out."""
    listed: dict[str, dict[str, int]] = {}
    for source, target in files:
        if not is_own(source):  # a link that the script put there leads who knows where
            continue
        folder, name = str(PurePosixPath(target).parent), PurePosixPath(target).name
        if folder not in listed:
            listed[folder] = dict(_sizes(run_id, folder))
        if listed[folder].get(target) != source.stat().st_size:
            _upload(run_id, source, folder="" if folder == "." else folder, name=name)


def _upload(run_id: str, source: Path, *, folder: str, name: str) -> None:
    if source.name == name:
        client().log_artifact(run_id, str(source), folder or None)
        return
    with tempfile.TemporaryDirectory(prefix="guardianflow-") as aside:
        renamed = Path(aside, name)
        renamed.symlink_to(source.resolve())
        client().log_artifact(run_id, str(renamed), folder or None)


def _sizes(run_id: str, folder: str) -> Iterator[tuple[str, int]]:
    for entry in client().list_artifacts(run_id, None if folder == "." else folder):
        if not entry.is_dir:
            yield entry.path, entry.file_size
