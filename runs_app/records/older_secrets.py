"""Finds and masks secrets in the folders of runs that ended before secrets were masked.

The rows were masked by a migration, which also noted what is secret in each; a folder is older
where its files still say something else. What MLflow was told then it keeps.
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

SPEC, TOLD = "spec.json", "mlflow.json"


@dataclass(frozen=True, kw_only=True)
class OlderRun:
    """A run with secrets in its folder; `in_mlflow` says whether MLflow was told them too."""

    run: Run
    in_mlflow: bool


def found() -> Iterator[OlderRun]:
    """Yield the ended runs whose folder still holds secret values; reads only their folders."""
    runs = Run.objects.filter(status__in=TERMINAL, folder_removed_at__isnull=True)
    for run in runs.exclude(secrets=[]).order_by("pk").iterator(chunk_size=500):
        spec, told = (_read(run.folder / name) for name in (SPEC, TOLD))
        is_told = _masked_params(run, told) != told
        if is_told or (spec and spec.get("argv") != run.argv):
            sent = is_told and run.mlflow_state == MlflowState.SENT
            yield OlderRun(run=run, in_mlflow=sent)


def mask(run: Run) -> None:
    """Put masks into the files of an ended run; raises OSError and may be repeated."""
    spec, told = (_read(run.folder / name) for name in (SPEC, TOLD))
    if spec and spec.get("argv") != run.argv:
        write_json(run.folder / SPEC, {**spec, "argv": run.argv})
    masked = _masked_params(run, told)
    if told and masked != told:
        write_json(run.folder / TOLD, masked)


def _masked_params(run: Run, told: dict[str, Any]) -> dict[str, Any]:
    params = told.get("params")
    if not isinstance(params, dict):
        return told
    secret = {name for name, value in run.params.items() if value == MASKED}
    return {
        **told,
        "params": {name: MASKED if name in secret else params[name] for name in params},
    }


def _read(path: Path) -> dict[str, Any]:
    try:
        row = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return row if isinstance(row, dict) else {}
