"""Finds and masks secrets in the folders of runs that ended before secrets were masked.

The rows were masked by a migration, which also noted what is secret in each. A folder counts as
older if its files still differ from the row. MLflow keeps what it was sent before that.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry_app.arguments.secret_names import MASKED
from runs_app.choices import TERMINAL, MlflowState
from runs_app.models import Run
from runs_app.system.files import write_json

SPEC, TRACKED = "spec.json", "mlflow.json"
# In `mlflow.json`: the values are masked in the folder, but not in MLflow.
HELD = "secrets_in_mlflow"


@dataclass(frozen=True, kw_only=True)
class OlderRun:
    """A run with secrets in its folder, in MLflow, or in both."""

    run: Run
    in_folder: bool
    in_mlflow: bool


def found() -> Iterator[OlderRun]:
    """Yield the ended runs whose secret values are in their folder or in MLflow.

    Reads only the folders: they record what was sent to MLflow.
    """
    runs = Run.objects.filter(status__in=TERMINAL, folder_removed_at__isnull=True)
    for run in runs.exclude(secrets=[]).order_by("pk").iterator(chunk_size=500):
        spec, tracked = (_read(run.folder / name) for name in (SPEC, TRACKED))
        is_sent = _masked_params(run, tracked) != tracked
        in_folder = is_sent or bool(spec and spec.get("argv") != run.argv)
        in_mlflow = bool(tracked.get(HELD)) or (is_sent and run.mlflow_state == MlflowState.SENT)
        if in_folder or in_mlflow:
            yield OlderRun(run=run, in_folder=in_folder, in_mlflow=in_mlflow)


def mask(older: OlderRun) -> None:
    """Put masks into the files of an ended run; raises OSError and may be repeated.

    The folder notes that MLflow holds the values, until `forget` removes the note.
    """
    run = older.run
    spec, tracked = (_read(run.folder / name) for name in (SPEC, TRACKED))
    if spec and spec.get("argv") != run.argv:
        write_json(run.folder / SPEC, {**spec, "argv": run.argv})
    masked = _masked_params(run, tracked)
    if tracked and masked != tracked:
        write_json(run.folder / TRACKED, {**masked, HELD: True} if older.in_mlflow else masked)


def forget(run: Run) -> None:
    """Remove the note that MLflow holds secret values, after a user deleted the run there."""
    if (tracked := _read(run.folder / TRACKED)).pop(HELD, None):
        write_json(run.folder / TRACKED, tracked)


def _masked_params(run: Run, tracked: dict[str, Any]) -> dict[str, Any]:
    params = tracked.get("params")
    if not isinstance(params, dict):
        return tracked
    secret = {name for name, value in run.params.items() if value == MASKED}
    return {
        **tracked,
        "params": {name: MASKED if name in secret else params[name] for name in params},
    }


def _read(path: Path) -> dict[str, Any]:
    try:
        row = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return row if isinstance(row, dict) else {}
