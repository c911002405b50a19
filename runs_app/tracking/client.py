"""The steps of writing a run to MLflow; each is idempotent."""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from django.conf import settings

from runs_app.runner.outputs import one_content
from runs_app.runner.outputs.metric_points import MetricPoint
from runs_app.runner.outputs.one_content import Inode
from runs_app.runner.own_file import is_own
from runs_app.tracking.store import client, is_http

logger = logging.getLogger(__name__)

BATCH = 1000
# What a server answers to a name or a size that it does not accept.
_FAILED = 500
# How urllib3 reports that each of its own retries got the same answer.
_TOO_MANY = re.compile(r"too many (\d{3}) error responses")
_REFUSALS = frozenset({400, 404, 405, 409, 411, 413, 414, 415, 422, 431})


@dataclass(frozen=True, kw_only=True)
class OpenedRun:
    """A run in MLflow; a run that a user deleted there stays deleted."""

    experiment_id: str
    run_id: str
    deleted: bool = False


def find_run(
    experiment_id: str, tags: dict[str, str], *, known_run_id: str = ""
) -> OpenedRun | None:
    """Return the run with these `tags`; of two, created by concurrent retries, the first."""
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
    """Create a run that began in the past, together with its tags in one step."""
    made = client().create_run(experiment_id, start_time=started_ms, tags=tags, run_name=name)
    return OpenedRun(experiment_id=experiment_id, run_id=made.info.run_id)


def add_values(run_id: str, *, tags: dict[str, str], params: dict[str, str]) -> None:
    """Write tags and missing parameters; a parameter never changes."""
    from mlflow.entities import Param, RunTag

    there = client().get_run(run_id).data.params
    client().log_batch(
        run_id,
        params=[Param(key, value) for key, value in params.items() if key not in there],
        tags=[RunTag(key, value) for key, value in tags.items()],
    )


def add_metrics(run_id: str, points: Iterable[MetricPoint]) -> None:
    """Write points with their own times; MLflow drops a point that it already has."""
    from mlflow.entities import Metric

    metrics = (Metric(point.key, point.value, point.timestamp_ms, point.step) for point in points)
    while batch := list(islice(metrics, BATCH)):
        client().log_batch(run_id, metrics=batch)


def add_files(
    run_id: str,
    files: Iterable[tuple[Path, str]],
    *,
    is_patient: bool = True,
    own: Collection[Inode] = frozenset(),
) -> list[str]:
    """Upload files that are not in MLflow with the same size; a missing source is skipped.

    The embedded store gets no second copy of files among `own`, but another name.

    Return the targets that MLflow refused; the others are uploaded anyway. If the server fails at a
    file that a retry may succeed with, raise at the end, unless there are to be no more retries.
    """
    listed: dict[str, dict[str, int]] = {}
    refused: list[str] = []
    failure: Exception | None = None
    folder_of_run = _own_folder(run_id)
    for source, target in files:
        if not is_own(source):  # a link that the script created could lead anywhere
            continue
        folder, name = str(PurePosixPath(target).parent), PurePosixPath(target).name
        try:
            if folder not in listed:
                listed[folder] = dict(_sizes(run_id, folder))
            if listed[folder].get(target) == source.stat().st_size:
                continue
            if not _place(source, target, folder_of_run, own):
                _upload(run_id, source, folder="" if folder == "." else folder, name=name)
        except Exception as error:
            if not is_refusal(error) and _status(error) != _FAILED:
                raise
            if is_patient and not is_refusal(error):
                failure = error
                continue
            logger.warning("MLflow refused a file artifact=%r error=%s", target, error)
            refused.append(target)
    if failure is not None:
        raise failure
    return refused


def is_refusal(error: Exception) -> bool:
    """Return whether MLflow rejected the request itself, so that a retry would fail as well."""
    from mlflow.exceptions import MlflowException

    if isinstance(error, MlflowException):
        codes = {"INVALID_PARAMETER_VALUE", "BAD_REQUEST", "NOT_FOUND"}
        return error.error_code in codes or "Invalid artifact path" in str(error)
    return _status(error) in _REFUSALS


def _status(error: Exception) -> int | None:
    """Return the HTTP status that the server answered, None without an answer."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(status, int):
        return status
    repeated = _TOO_MANY.search(str(error))
    return int(repeated[1]) if repeated else None


def _own_folder(run_id: str) -> Path | None:
    """Return where the artifacts of a run lie if that is a folder of the portal itself."""
    if is_http():
        return None
    uri = str(client().get_run(run_id).info.artifact_uri)
    folder = Path(unquote(uri.removeprefix("file://")))
    return folder if folder.is_relative_to(Path(settings.MLFLOW_ARTIFACTS)) else None


def _place(source: Path, target: str, folder: Path | None, own: Collection[Inode]) -> bool:
    """Put an artifact into its folder without a second copy of its content, if possible."""
    if folder is None or not {"", ".", ".."}.isdisjoint(target.split("/")):
        return False
    aside = Path(settings.MLFLOW_ARTIFACTS) / f".{folder.parent.name}.part"
    return one_content.place(source, folder / target, aside=aside, own=own)


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
