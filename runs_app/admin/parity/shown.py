"""A comparison and a plan in the form in which the page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from registry_app.reading import message_text
from runs_app.choices import ParityOutcome, ParityRole
from runs_app.models import Parity, Run
from runs_app.parity.plan import Plan, change_of
from runs_app.parity.stored import from_json
from runs_app.parity.table import Row
from runs_app.parity.wording import hours_text, number_text, runs_text
from runs_app.views.wording import command_text, status_badge

TONES = {
    ParityOutcome.EQUAL: "good",
    ParityOutcome.WITHIN: "good",
    ParityOutcome.OUTSIDE: "bad",
    ParityOutcome.NOTHING: "warn",
}
HASH_SHOWN = 12


@dataclass(frozen=True, kw_only=True)
class ShownRow:
    """A line of the table; `judgement` is in words, `tone` its colour."""

    metric: str
    old: Sequence[str]
    new: Sequence[str]
    control: Sequence[str]
    difference: str
    tolerance: str
    control_difference: str
    control_tolerance: str
    judgement: str
    tone: str
    control_judgement: str


def shown_parity(parity: Parity) -> dict[str, Any]:
    """Return what the page shows of a comparison; one query for its runs."""
    parts = parity.runs.select_related("run")
    files = {"script": parity.old_script, "trainer": parity.new_script, "gf_base": "gf_base.py"}
    change = change_of(parity.control)
    return {
        "parity": parity,
        "tone": TONES.get(ParityOutcome(parity.outcome), "busy") if parity.outcome else "busy",
        "outcome": parity.get_outcome_display() or parity.get_state_display(),
        "reason": message_text(parity.reason) if parity.reason else "",
        "rows": [_shown_row(row) for row in from_json(parity.rows)],
        "change": message_text(change) if change else _("none"),
        "runs": [
            {
                "label": str(part),
                "seed": part.seed,
                "run": part.run,
                "badge": _badge(part.run),
            }
            for part in parts
        ],
        "hashes": [
            (name, parity.hashes.get(key, "")[:HASH_SHOWN], parity.hashes.get(key, ""))
            for key, name in files.items()
            if parity.hashes.get(key)
        ],
        "params": [f"{name}={value}" for name, value in parity.params.items()],
    }


def shown_plan(plan: Plan) -> dict[str, Any]:
    """Return what the page shows of a plan."""
    return {
        "old": command_text(plan.old.argv),
        "new": command_text(plan.new.argv),
        "old_script": plan.sides.old,
        "new_script": plan.sides.new,
        "change": message_text(plan.change) if plan.change else _("none"),
        "runs": runs_text(plan),
        "hours": hours_text(plan),
        "warnings": [message_text(warning) for warning in plan.warnings],
        "count": plan.runs[0],
        "unread": plan.unread,
    }


def _badge(run: Run | None) -> Any:
    return status_badge(run.status) if run is not None else _("deleted")


def _shown_row(row: Row) -> ShownRow:
    has_tolerance = row.tolerance is not None
    judgement = (_("within") if row.is_within else _("outside")) if has_tolerance else "–"
    control = ""
    if row.control:
        control = _("fell out") if row.is_control_out else _("did not fall out")
    return ShownRow(
        metric=row.metric,
        old=_numbers(row, ParityRole.OLD),
        new=_numbers(row, ParityRole.NEW),
        control=_numbers(row, ParityRole.CONTROL),
        difference=number_text(row.difference),
        tolerance=number_text(row.tolerance),
        control_difference=number_text(row.control_difference),
        control_tolerance=number_text(row.control_tolerance),
        judgement=judgement,
        tone=("good" if row.is_within else "bad") if has_tolerance else "quiet",
        control_judgement=control,
    )


def _numbers(row: Row, role: ParityRole) -> list[str]:
    values = {ParityRole.OLD: row.old, ParityRole.NEW: row.new, ParityRole.CONTROL: row.control}
    return [number_text(value) for value in values[role]]
