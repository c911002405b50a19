"""Experiments and runs for rules that need no database."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from runs_app.choices import RunStatus
from runs_app.overview.standing import RunFacts, Standing

_numbers = count(1)


def ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def run(status: RunStatus = RunStatus.SUCCEEDED, *, days: float = 1, **fields: Any) -> RunFacts:
    values: dict[str, Any] = {
        "pk": next(_numbers),
        "experiment_id": 1,
        "type": "train",
        "status": status,
        "queued_at": ago(days),
        "started_at": ago(days),
        "finished_at": ago(days),
        "main_metric": "metrics/mAP50(B)",
        "main_value": 0.931,
        "data_key": "ppe.yaml@c04d1f2e3a4b5c6d",
        "classes_key": "",
        "is_best": False,
        "summarised": 1,
        "reason_code": "exited_nonzero",
        "reason_values": {"status": 1},
        "cause": {},
        "priority": 0,
        "not_before": None,
        "foreground": False,
        "queued_by__username": "minsu",
    }
    return RunFacts(**values | fields)


def bad(**fields: Any) -> RunFacts:
    cause = {"code": "cuda_out_of_memory", "values": {}, "line": "CUDA out of memory"}
    return run(RunStatus.FAILED, **{"cause": cause, "main_value": None, **fields})


def standing(**fields: Any) -> Standing:
    """An experiment of Sampyo Gimhae without a run."""
    values: dict[str, Any] = {
        "pk": next(_numbers),
        "name": "sampyo-gimhae-ppe",
        "owner": "",
        "task": "ppe",
        "zone": 1,
        "site": 1,
        "customer": 1,
        "site_name": "gimhae",
        "customer_name": "Sampyo",
        "stage": 1,
        "completeness": 100,
        "confirmed": 100,
        "created_at": ago(100),
    }
    return Standing(**values | fields)


def good(days: float = 1, **fields: Any) -> Standing:
    """An experiment whose last run was good, and is its best."""
    last = run(days=days)
    return standing(**{"good": last, "best": last, "last": last, "newest": last, **fields})
