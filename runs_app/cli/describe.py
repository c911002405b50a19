"""Runs and experiments as the commands' `--json` shows them; unknown values are null."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from registry_app.choices import EntryPointType
from registry_app.models import EntryPoint, Experiment
from runs_app.executors import notices
from runs_app.executors.isolation import isolation_of
from runs_app.models import Run
from runs_app.models.queue_place import place_of
from runs_app.runner.folder import RunFolder


def summarise_run(run: Run) -> dict[str, Any]:
    """Return one row of a list of runs."""
    return {
        "id": run.pk,
        "experiment": run.experiment.name,
        "type": run.type,
        "version": run.version or None,
        "script": run.script,
        "status": run.status,
        "status_reason": run.status_reason,
        "place": run.place if hasattr(run, "place") else place_of(run),
        "blocked_by": run.blocked_by,
        "priority": run.priority,
        "exit_code": run.exit_code,
        "queued_by": run.queued_by.get_username() if run.queued_by else None,
        "queued_at": iso(run.queued_at),
        "started_at": iso(run.started_at),
        "finished_at": iso(run.finished_at),
        "host": run.host or None,
        "mlflow_state": run.mlflow_state if run.goes_to_mlflow else None,
    }


def describe_run(run: Run) -> dict[str, Any]:
    """Return everything there is to say of a run; reads the rows of its files."""
    return {
        **summarise_run(run),
        "argv": run.argv,
        "cwd": run.cwd,
        "params": run.params,
        "warnings": notices.warnings_of(run),
        "gpus": [lease.index for lease in run.gpu_leases.all()],
        "gpu_memory_peak_mib": run.gpu_memory_peak_mib,
        "isolation": isolation_of(RunFolder(run.folder)) or None,
        "run_dir": str(run.folder),
        "mlflow_experiment": run.mlflow_experiment or None,
        "mlflow_run_id": run.mlflow_run_id or None,
        "mlflow_error": run.mlflow_error or None,
        "source_changed": run.source_changed,
        "logs_removed_at": iso(run.logs_removed_at),
        "folder_removed_at": iso(run.folder_removed_at),
        "files": [
            {
                "path": file.path,
                "change": file.change,
                "size_bytes": file.size_bytes,
                "sha256": file.sha256 or None,
                "artifact": file.artifact or None,
                "left_out": file.left_out or None,
                "members": file.members,
                "uncertain": file.uncertain,
            }
            for file in run.files.all()
        ],
    }


def describe_experiment(experiment: Experiment, *, confirmed: bool) -> dict[str, Any]:
    """Return an experiment that was fetched `with_run_facts`, its site and its entry points.

    `confirmed`: none of its commands waits for an engineer to read it.
    """
    zone = experiment.zone
    site = zone.site if zone else None
    return {
        "name": experiment.name,
        "path": experiment.path,
        "customer": (site and site.customer.name) or None,
        "region": (site and site.region) or None,
        "plant": (site and site.plant) or None,
        "zone": (zone and zone.name) or None,
        "task": experiment.task_type or None,
        "classes": experiment.classes,
        "stage": experiment.stage,  # type: ignore[attr-defined]
        "completeness": experiment.completeness,
        "confirmed": confirmed,
        "entry_points": {entry.type: _entry_point(entry) for entry in _entry_points(experiment)},
        "last_run": _last_run(experiment),
    }


def iso(moment: datetime | None) -> str | None:
    """Return a time as ISO 8601 with the offset of the portal's time zone."""
    return timezone.localtime(moment).isoformat(timespec="milliseconds") if moment else None


def _entry_points(experiment: Experiment) -> list[EntryPoint]:
    """In the order of the registry file."""
    order = EntryPointType.values
    return sorted(experiment.entry_points.all(), key=lambda entry: order.index(entry.type))


def _entry_point(entry: EntryPoint) -> dict[str, Any]:
    return {
        "default": entry.default_script or None,
        "patterns": entry.patterns,
        "args_template": entry.args_template,
    }


def _last_run(experiment: Any) -> dict[str, Any] | None:
    if experiment.last_run_id is None:
        return None
    return {
        "id": experiment.last_run_id,
        "type": experiment.last_run_type,
        "status": experiment.last_run_status,
        "queued_at": iso(experiment.last_run_queued_at),
        "finished_at": iso(experiment.last_run_finished_at),
    }
