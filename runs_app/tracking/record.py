"""Everything that is sent to MLflow about a run, fixed at its end and saved in the run folder."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings

from runs_app.choices import RunStatus
from runs_app.exceptions import TrackingError
from runs_app.executors.outcome import Outcome
from runs_app.models import Run
from runs_app.records import environment
from runs_app.records import files as file_list
from runs_app.records import launch as launch_record
from runs_app.records import results as results_record
from runs_app.records import source as source_record
from runs_app.records.epoch import milliseconds
from runs_app.records.launch import LaunchRecord
from runs_app.records.launch import read as read_launch
from runs_app.runner.folder import RunFolder
from runs_app.runner.own_file import read_own
from runs_app.runner.source.archive import ARCHIVE
from runs_app.system.files import write_json
from runs_app.texts import reasons
from runs_app.texts.tracking import RECORD_NOT_READ
from runs_app.tracking.artifact_names import OUTPUTS, artifact_path
from runs_app.tracking.experiment_names import experiment_name
from runs_app.tracking.metric_keys import keys_of

NAME = "mlflow.json"
# MLflow silently truncates longer values.
MAX_PARAM_LENGTH = 6000
MAX_TAG_LENGTH = 8000
MAX_KEY_LENGTH = 250

# Files that the portal wrote about a run, by artifact path; some may be missing.
RECORDS = {
    file_list.NAME: file_list.NAME,
    ARCHIVE: f"source/{ARCHIVE}",
    source_record.NAME: f"source/{source_record.NAME}",
    source_record.PATCH: f"source/{source_record.PATCH}",
    environment.NAME: f"environment/{environment.NAME}",
    launch_record.NAME: f"environment/{launch_record.NAME}",
    results_record.NAME: results_record.NAME,
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


def write(run: Run, outcome: Outcome, folder: RunFolder) -> str:
    """Fix what will be sent to MLflow, and return the name of the MLflow experiment.

    A run that never became a process is not sent; its name is ''. Raises OSError.
    """
    if outcome.started_at is None:
        return ""
    record = make(run, outcome, read_launch(run, folder.path))
    write_json(folder.path / NAME, asdict(record))
    return record.experiment


def read(folder: RunFolder) -> TrackingRecord:
    """Return what `write` saved; raises TrackingError."""
    path = folder.path / NAME
    try:
        kept = json.loads(read_own(path))
        uploads = tuple(Upload(**upload) for upload in kept.pop("uploads"))
        return TrackingRecord(uploads=uploads, **kept)
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise TrackingError(RECORD_NOT_READ(path=path, error=str(error))) from error


def of_running(run: Run, folder: RunFolder) -> TrackingRecord:
    """Return what can be sent to MLflow while the script still runs; nothing is saved."""
    outcome = Outcome(
        status=RunStatus.RUNNING, reason=reasons.RUNNING(host=run.host), started_at=run.started_at
    )
    return make(run, outcome, read_launch(run, folder.path))


def make(run: Run, outcome: Outcome, launch: LaunchRecord) -> TrackingRecord:
    """Combine the row, its outcome and its launch record; reads the rows of its files."""
    started_at = outcome.started_at or run.queued_at
    finished_at = outcome.finished_at or started_at
    return TrackingRecord(
        run_id=str(run.uuid),
        experiment=experiment_name(settings.GUARDIANFLOW_MLFLOW_EXPERIMENT, launch),
        name=f"{launch.directory}/{run.type}/{run.version or run.script}",
        status=MLFLOW_STATUS.get(outcome.status, "FAILED"),
        started_ms=milliseconds(started_at),
        finished_ms=milliseconds(finished_at),
        tags=_tags(run, outcome, launch),
        params=_params(run.params),
        uploads=_uploads(run),
    )


def _tags(run: Run, outcome: Outcome, launch: LaunchRecord) -> dict[str, str]:
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
        "status": str(outcome.status),
        "exit_code": "" if outcome.exit_code is None else str(outcome.exit_code),
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
    return {key: _cut(value, MAX_TAG_LENGTH) for key, value in tags.items() if value}


def _note(run: Run) -> str:
    """Return the note; its first line links to the portal, as MLflow folds long notes."""
    link = f"{settings.GUARDIANFLOW_URL}{run.get_absolute_url()}"
    lines = [f"[GuardianFlow run {run.pk}]({link})"]
    if run.note:
        lines += ["", run.note]
    return "\n".join(lines)


def _params(params: dict[str, Any]) -> dict[str, str]:
    keys = keys_of(params)
    return {keys[name]: _cut(_text(value), MAX_PARAM_LENGTH) for name, value in params.items()}


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
