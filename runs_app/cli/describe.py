"""Runs and experiments as lists show them with `--json`; unknown values are null."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from registry_app.choices import EntryPointType
from registry_app.models import EntryPoint, Experiment
from runs_app.models import Run
from runs_app.models.queue_place import place_of


def summarise_run(run: Run) -> dict[str, Any]:
    """Return one row of a list of runs."""
    return {
        "id": run.pk,
        "experiment": run.experiment.name,
        "type": run.type,
        "version": run.version or None,
        "script": run.script,
        "status": run.status,
        "status_reason": str(run.reason),
        "place": run.place if hasattr(run, "place") else place_of(run),
        "blocked_by": run.blocked_by,
        "priority": run.priority,
        "not_before": iso(run.not_before),
        "cause": run.cause,
        "warnings": [str(message) for message in run.all_warnings],
        "exit_code": run.exit_code,
        "queued_by": run.queued_by.get_username() if run.queued_by else None,
        "queued_at": iso(run.queued_at),
        "started_at": iso(run.started_at),
        "finished_at": iso(run.finished_at),
        "host": run.host or None,
        "mlflow_state": run.mlflow_state if run.goes_to_mlflow else None,
    }


def describe_experiment(experiment: Experiment, *, commands_read: bool) -> dict[str, Any]:
    """Return an experiment fetched `with_run_facts`, with its site and its entry points.

    `commands_read`: no command of it waits for confirmation by an engineer.
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
        "confirmed": experiment.confirmed,
        "commands_read": commands_read,
        "entry_points": {entry.type: _entry_point(entry) for entry in _entry_points(experiment)},
        "last_run": _last_run(experiment),
        "archived": _archived(experiment),
    }


def _archived(experiment: Experiment) -> dict[str, Any] | None:
    """Return when, by whom and why an experiment was archived, None for one in use."""
    if experiment.archived_at is None:
        return None
    by, reason = experiment.archived_by, experiment.archived_reason
    return {
        "at": iso(experiment.archived_at),
        "by": by.get_username() if by else None,
        "reason": str(reason) if reason else "",
    }


def iso(moment: datetime | None) -> str | None:
    """Return a time as ISO 8601 with the offset of the portal's time zone."""
    return timezone.localtime(moment).isoformat(timespec="milliseconds") if moment else None


def _entry_points(experiment: Experiment) -> list[EntryPoint]:
    """Return the entry points in the order of the registry file."""
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
