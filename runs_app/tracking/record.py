"""Everything that MLflow is told about a run, fixed at its end and kept in the run folder."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings

from runs_app.choices import RunStatus, StatusReason
from runs_app.exceptions import TrackingError
from runs_app.executors.outcome import Verdict
from runs_app.models import Run
from runs_app.records import environment
from runs_app.records import files as file_list
from runs_app.records import launch as launch_record
from runs_app.records import source as source_record
from runs_app.records.epoch import milliseconds
from runs_app.records.launch import LaunchRecord
from runs_app.records.launch import read as read_launch
from runs_app.runner.folder import RunFolder
from runs_app.runner.outputs.metrics import clean_key
from runs_app.runner.own_file import read_own
from runs_app.runner.source.archive import ARCHIVE
from runs_app.system.files import write_json
from runs_app.tracking.artifact_names import OUTPUTS, artifact_path
from runs_app.tracking.experiment_names import experiment_name

NAME = "mlflow.json"
# MLflow cuts longer ones by itself, in silence.
LONGEST_PARAM = 6000
LONGEST_TAG = 8000
LONGEST_KEY = 250

# What the portal wrote of a run, by its place among the artifacts; not all of it is always there.
RECORDS = {
    file_list.NAME: file_list.NAME,
    ARCHIVE: f"source/{ARCHIVE}",
    source_record.NAME: f"source/{source_record.NAME}",
    source_record.PATCH: f"source/{source_record.PATCH}",
    environment.NAME: f"environment/{environment.NAME}",
    launch_record.NAME: f"environment/{launch_record.NAME}",
}

MLFLOW_STATUS = {
    RunStatus.SUCCEEDED: "FINISHED",
    RunStatus.CANCELLED: "KILLED",
    RunStatus.TIMED_OUT: "KILLED",
}


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file of the run folder (`source`, relative to it) and its path among the artifacts."""

    source: str
    target: str


@dataclass(frozen=True, kw_only=True)
class TrackingRecord:
    """One run as MLflow sees it; times in milliseconds since 1970."""

    run_id: str
    experiment: str
    name: str
    status: str
    started_ms: int
    finished_ms: int
    tags: dict[str, str]
    params: dict[str, str]
    uploads: tuple[Upload, ...]


def write(run: Run, verdict: Verdict, folder: RunFolder) -> str:
    """Fix what MLflow will be told, and return the name of the MLflow experiment.

    A run that never became a process is not told of; its name is ''. Raises OSError.
    """
    if verdict.started_at is None:
        return ""
    record = make(run, verdict, read_launch(run, folder.path))
    write_json(folder.path / NAME, asdict(record))
    return record.experiment


def read(folder: RunFolder) -> TrackingRecord:
    """Return what `write` kept; raises TrackingError."""
    path = folder.path / NAME
    try:
        kept = json.loads(read_own(path))
        uploads = tuple(Upload(**upload) for upload in kept.pop("uploads"))
        return TrackingRecord(uploads=uploads, **kept)
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise TrackingError(f"{path} cannot be read: {error}") from error


def of_running(run: Run, folder: RunFolder) -> TrackingRecord:
    """Return what MLflow can be told of a run whose script has not ended; nothing is kept."""
    verdict = Verdict(
        status=RunStatus.RUNNING, reason=StatusReason.RUNNING, started_at=run.started_at
    )
    return make(run, verdict, read_launch(run, folder.path))


def make(run: Run, verdict: Verdict, launch: LaunchRecord) -> TrackingRecord:
    """Join the row, its end and what was true at its start; reads the rows of its files."""
    started_at = verdict.started_at or run.queued_at
    finished_at = verdict.finished_at or started_at
    return TrackingRecord(
        run_id=str(run.uuid),
        experiment=experiment_name(settings.GUARDIANFLOW_MLFLOW_EXPERIMENT, launch),
        name=f"{launch.directory}/{run.type}/{run.version or run.script}",
        status=MLFLOW_STATUS.get(verdict.status, "FAILED"),
        started_ms=milliseconds(started_at),
        finished_ms=milliseconds(finished_at),
        tags=_tags(run, verdict, launch),
        params=_params(run.params),
        uploads=_uploads(run),
    )


def _tags(run: Run, verdict: Verdict, launch: LaunchRecord) -> dict[str, str]:
    own = {
        "experiment": launch.experiment,
        "customer": launch.customer,
        "region": launch.region,
        "plant": launch.plant,
        "zone": launch.zone,
        "task": launch.task,
        "type": run.type,
        "version": run.version,
        "host": run.host,
        "git_commit": launch.git_commit,
        "run": str(run.pk),
        "status": str(verdict.status),
        "exit_code": "" if verdict.exit_code is None else str(verdict.exit_code),
    }
    tags = {
        "wrapped": "true",
        "script": run.script,
        "mlflow.user": launch.user,
        "mlflow.source.name": run.script,
        "mlflow.source.type": "LOCAL",
        "mlflow.source.git.commit": launch.git_commit,
        "mlflow.note.content": _note(run),
        **{f"guardianflow.{key}": value for key, value in own.items()},
    }
    return {key: _cut(value, LONGEST_TAG) for key, value in tags.items() if value}


def _note(run: Run) -> str:
    """The first line leads back to the portal; MLflow folds a note after a few lines."""
    link = f"{settings.GUARDIANFLOW_URL}{run.get_absolute_url()}"
    lines = [f"[GuardianFlow run {run.pk}]({link})"]
    if run.note:
        lines += ["", run.note]
    return "\n".join(lines)


def _params(params: dict[str, Any]) -> dict[str, str]:
    cleaned: dict[str, str] = {}
    for name, value in params.items():
        key = clean_key(str(name))[:LONGEST_KEY]
        if key:
            cleaned.setdefault(key, _cut(_text(value), LONGEST_PARAM))
    return cleaned


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _uploads(run: Run) -> tuple[Upload, ...]:
    logs = [
        Upload(source="stdout.log", target="logs/stdout.log"),
        Upload(source="stderr.log", target="logs/stderr.log"),
    ]
    records = [Upload(source=source, target=target) for source, target in RECORDS.items()]
    files = [
        Upload(source=file.kept, target=file.artifact or artifact_path(file.path))
        for file in run.files.exclude(kept="")
    ]
    return (*logs, *records, *files)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


__all__ = ["OUTPUTS", "TrackingRecord", "Upload", "make", "read", "write"]
