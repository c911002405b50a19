"""The section of an experiment's page that shows what scans found besides its scripts."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from registry_app.admin.source import evidence_link
from registry_app.arguments.secret_names import shown
from registry_app.models import EnvironmentCheck, Experiment, FactSheet

SHOWN_METRICS = 6
# Losses, learning rates and the like tell less than these.
_TELLING = ("map", "iou", "acc", "f1", "precision", "recall", "dice")
SHORT_COMMIT = 10


def facts_of(experiment: Experiment) -> dict[str, Any]:
    """Return the page's context; `facts` is None before the first scan.

    Fetch the experiment with its `facts` and its `environment_check__by`.
    """
    sheet: FactSheet | None = getattr(experiment, "facts", None)
    check: EnvironmentCheck | None = getattr(experiment, "environment_check", None)
    return {
        "facts": _sheet(experiment.pk, sheet) if sheet else None,
        "environment_check": check,
        "lacking": _lacking(experiment.pk, check),
    }


def _sheet(pk: int, sheet: FactSheet) -> dict[str, Any]:
    return {
        "frameworks": [
            {**row, "evidence": evidence_link(pk, row["source"])} for row in sheet.frameworks
        ],
        "environments": sheet.environments,
        "requirements": [
            {**row, "evidence": evidence_link(pk, row["path"])} for row in sheet.requirements
        ],
        "needed": sheet.needed,
        "git": sheet.git and {**sheet.git, "short": sheet.git["commit"][:SHORT_COMMIT]},
        "past_runs": [_past_run(pk, row) for row in sheet.past_runs],
        "tables": sum(bool(row["rows"]) for row in sheet.past_runs),
    }


def _past_run(pk: int, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "evidence": evidence_link(pk, row["path"]),
        "rows": row["rows"],
        "final": _metrics(row["final"]),
        "best": _best(row),
        "settings": [f"{name} = {shown(name, value)}" for name, value in row["settings"].items()],
        "event_files": row["event_files"],
    }


def _best(row: dict[str, Any]) -> SafeString | str:
    judge = row["judged_by"]
    if not judge or judge not in row["best"]:
        return ""
    step = "" if row["best_step"] is None else f" @ {row['best_step']:g}"
    return format_html("{} <strong>{}</strong>{}", judge, _number(row["best"][judge]), step)


def _metrics(values: dict[str, float]) -> list[tuple[str, str]]:
    """Return the most telling numbers, in the order of the table."""
    telling = [name for name in values if any(word in name.lower() for word in _TELLING)]
    chosen = (telling or list(values))[:SHOWN_METRICS]
    return [(name, _number(values[name])) for name in chosen]


def _number(value: float) -> str:
    return f"{value:.4g}"


def _lacking(pk: int, check: EnvironmentCheck | None) -> dict[str, Any]:
    """Return the modules that were not found: the required ones, and others."""
    if check is None:
        return {}
    rows = [{**row, "is_unsure": False} for row in check.missing]
    rows += [{**row, "is_unsure": True} for row in check.unsure]
    rows = [{**row, "evidence": evidence_link(pk, row["source"])} for row in rows]
    return {
        "count": len(rows),
        "certain": [row for row in rows if row["is_certain"]],
        "possible": [row for row in rows if not row["is_certain"]],
    }
