"""The curves of runs: as data for the browser, and as a part of pages.

A page that shows curves includes `admin/runs_app/run/_curves.html` with what `curves_context`
returns, and loads `runs_app/chart.js` and `runs_app/curves.js`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from registry_app.files.visible import visible
from registry_app.models import Experiment
from registry_app.row_numbers import row_number
from runs_app.choices import Direction
from runs_app.comparing.main_metric import MetricRule, MetricTable
from runs_app.comparing.metric_names import matches, short_name, spellings, unit_of
from runs_app.models import Run
from runs_app.records.curves import Curve, curves_of
from runs_app.records.metrics_summary import live_bytes
from runs_app.records.past_curves import PastResult, past_results

MAX_RUNS = 12


class Role(StrEnum):
    """How the curves of a run are drawn: the one that the page is about, or beside it."""

    THIS = "this"
    BEST = "best"
    EARLIER = "earlier"
    # One of several equals, each with a colour and a kind of line of its own.
    ONE = "one"


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A run whose curves a page draws; `label` is what its legend says."""

    run: Run
    role: Role
    label: str


def curves_context(
    drawn: Sequence[Drawn], *, is_live: bool = False, past_of: Run | None = None
) -> dict[str, Any]:
    """Return what the template of curves shows; runs no query.

    `is_live`: the page asks for new points with `refresh` of `GuardianFlowCurves`. `past_of`: the
    reader may draw results that the directory of this run has from before the portal.
    """
    runs = [
        {
            "id": line.run.pk,
            "role": line.role,
            "label": line.label,
            "address": line.run.get_absolute_url(),
        }
        for line in drawn[:MAX_RUNS]
    ]
    data = {
        "url": reverse("admin:runs_app_run_curves"),
        "runs": runs,
        "isLive": is_live,
        "past": past_of.experiment_id if past_of else None,
        "words": _words(is_live=is_live),
    }
    return {"data": data, "has_earlier": any(line.role == Role.EARLIER for line in drawn)}


def curves(request: HttpRequest) -> JsonResponse:
    """Return the curves of the runs with some ids; those that do not exist are left out.

    `past` is the key of an experiment whose results from before the portal are returned as well.
    """
    numbers = [row_number(text) for text in request.GET.getlist("id")[:MAX_RUNS]]
    found = Run.objects.select_related("experiment").in_bulk([n for n in numbers if n])
    table = MetricTable.load()
    runs = [found[number] for number in numbers if number in found]
    past = row_number(request.GET.get("past", ""))
    may_see = request.user.has_perm("registry_app.view_experiment")
    experiment = Experiment.objects.filter(pk=past).first() if past and may_see else None
    rule = table.of(experiment.task_type if experiment else "")
    return JsonResponse(
        {
            "runs": [_run(run, table.of(run.experiment.task_type)) for run in runs],
            "past": [_past(found, rule) for found in past_results(experiment)]
            if experiment
            else [],
        },
        headers={"Cache-Control": "no-store"},
    )


def _run(run: Run, rule: MetricRule) -> dict[str, Any]:
    found = curves_of(run.folder)
    main = run.main_metric or rule.main_of(curve.name for curve in found)
    began_ms = run.started_at.timestamp() * 1000 if run.started_at else 0
    return {
        "id": run.pk,
        "isActive": run.is_active,
        "bytes": live_bytes(run.folder) if run.is_active else 0,
        "curves": _curves(found, main, rule, began_ms),
    }


def _past(result: PastResult, rule: MetricRule) -> dict[str, Any]:
    main = rule.main_of(curve.name for curve in result.curves)
    return {
        "id": f"past {result.path}",
        "label": visible(result.path),
        "curves": _curves(result.curves, main, rule, 0),
    }


def _curves(
    found: Sequence[Curve], main: str, rule: MetricRule, began_ms: float
) -> list[dict[str, Any]]:
    keys: set[str] = set()
    shown = []
    for curve in sorted(found, key=lambda curve: _rank(curve.name, main, rule)):
        # Curves of two runs belong together by their key, so it is used once in a run.
        possible = (*reversed(spellings(curve.name)), f"={curve.name}")
        key = next(key for key in possible if key not in keys)
        keys.add(key)
        shown.append(_curve(curve, rule, began_ms) | {"key": key})
    _tell_apart(shown)
    return shown


def _tell_apart(shown: list[dict[str, Any]]) -> None:
    """Have curves whose short names are the same, such as two losses, named in full."""
    count = Counter(curve["short"] for curve in shown)
    for curve in shown:
        if count[curve["short"]] > 1:
            curve["short"] = curve["name"]


def _curve(curve: Curve, rule: MetricRule, began_ms: float) -> dict[str, Any]:
    moments = [moment - (began_ms or curve.moments_ms[0]) for moment in curve.moments_ms]
    return {
        "name": curve.name,
        "short": short_name(curve.name),
        "unit": unit_of(curve.name),
        "isLower": rule.direction_of(curve.name) == Direction.DOWN,
        "count": curve.count,
        "steps": list(curve.steps),
        "minutes": [round(max(0.0, moment) / 60_000, 3) for moment in moments],
        "values": [_number(value) for value in curve.values],
    }


def _rank(name: str, main: str, rule: MetricRule) -> tuple[bool, int, bool]:
    """Return what sorts curves: the main metric first, named ones next, rates of learning last."""
    place = next(
        (at for at, pattern in enumerate(rule.names) if matches(pattern, name)), len(rule.names)
    )
    return name != main, place, spellings(name)[0].startswith(("lr", "learning rate"))


def _number(value: float) -> float | None:
    return float(f"{value:.6g}") if math.isfinite(value) else None


def _words(*, is_live: bool) -> dict[str, str]:
    """Return the texts of the charts; the browser fills the places in braces."""
    return {
        "step": _("step"),
        "minutes": _("minutes"),
        "none": _("There are no curves: no metric has been read yet.")
        if is_live
        else _("There are no curves: no metric was found."),
        "away": _("The curves could not be fetched."),
        "all": _("All {count} metrics"),
        "few": _("Fewer metrics"),
        "noPast": _("no results from before the portal"),
        "raw": _("not smoothed"),
        "axis": _("axis {range}"),
        "y": _("left axis {range}"),
        "right": _("right axis {range}"),
        "flat": _("{metrics}: too small beside the others to be read on either axis."),
        "left": _("{count} more metrics have no place in one chart."),
    }
