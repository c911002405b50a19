"""Comparisons of old and new as `--json` shows them; unknown values are null."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from runs_app.models import Parity
from runs_app.parity.holds import Holding
from runs_app.parity.plan import Plan


def describe_parity(parity: Parity, holding: Holding) -> dict[str, Any]:
    """Return a comparison, its runs and its table; `holds` is about the files of today."""
    return {
        "id": parity.pk,
        "experiment": parity.experiment.name,
        "type": parity.type,
        "old": parity.old_script,
        "new": parity.new_script,
        "params": parity.params,
        "seed": parity.seed if parity.old_seed_name or parity.new_seed_name else None,
        "state": parity.state,
        "outcome": parity.outcome or None,
        "comparison": parity.tier or None,
        "control": {**parity.control, "result": parity.control_result or None},
        "reason": str(parity.reason) if parity.reason else None,
        "holds": holding.is_proof and holding.parity == parity,
        "holds_reason": str(holding.reason),
        "rule": parity.rule_version,
        "hashes": parity.hashes,
        "machines": parity.machines,
        "runs": [
            {"role": part.role, "number": part.number + 1, "seed": part.seed, "run": part.run_id}
            for part in parity.runs.all()
        ],
        "table": parity.rows,
        "requested_by": parity.requested_by.get_username() if parity.requested_by else None,
        "requested_at": _iso(parity.requested_at),
        "finished_at": _iso(parity.finished_at),
    }


def describe_plan(plan: Plan) -> dict[str, Any]:
    """Return what a comparison would do."""
    equal, most = plan.runs
    return {
        "experiment": plan.experiment.name,
        "type": plan.type,
        "old": {"script": plan.sides.old, "argv": list(plan.old.argv)},
        "new": {"script": plan.sides.new, "argv": list(plan.new.argv)},
        "params": dict(plan.params),
        "seed": plan.seed if plan.old_seed_name or plan.new_seed_name else None,
        "control": dict(plan.control),
        "runs": {"equal": equal, "most": most},
        "hours": {
            "gpus": plan.expected.gpus,
            "equal": plan.expected.hours(equal),
            "most": plan.expected.hours(most),
            "earlier_runs": plan.expected.based_on,
        },
        "hashes": dict(plan.hashes),
        "unread": [{"path": row.path, "digest": row.digest} for row in plan.unread],
        "warnings": [str(warning) for warning in plan.warnings],
    }


def _iso(moment: datetime | None) -> str | None:
    return timezone.localtime(moment).isoformat(timespec="milliseconds") if moment else None
