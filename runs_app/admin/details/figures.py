"""The figures at the top of an experiment's page: best, last good, now, stage, metadata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from registry_app.choices import EntryPointType
from registry_app.files.visible import visible
from runs_app.admin.stages import next_stage_text
from runs_app.choices import ON_HOST, RunStatus
from runs_app.comparing.wording import data_text, metric_text
from runs_app.overview.cell import STAGES, age_text, list_address
from runs_app.overview.standing import BestRun, RunFacts, Standing


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A value with its name and what it is compared with, as one link."""

    label: str
    value: str
    address: str
    small: str = ""
    more: str = ""
    tone: str = ""


def figures_of(experiment: Any, standing: Standing) -> list[Figure]:
    """Return the figures of an experiment fetched `with_run_ids`."""
    return [
        *_best(standing.best),
        *_good(standing.good),
        *_now(standing),
        Figure(
            label=_("Stage"),
            value=str(standing.stage),
            small=f"/ {STAGES}",
            more=next_stage_text(experiment),
            address=list_address(stage=standing.stage),
        ),
        Figure(
            label=_("Confirmed metadata"),
            value=f"{standing.confirmed} %",
            more=_("%(percent)d %% known") % {"percent": standing.completeness},
            address=_review_address(standing.pk),
            tone="warn" if standing.confirmed < standing.completeness else "",
        ),
    ]


def _best(best: BestRun | None) -> list[Figure]:
    if best is None:
        return []
    more = (f"#{best.pk}", _type_of(best), age_text(best), data_text(best.data_key))
    return [
        Figure(
            label=_("Best so far"),
            value=metric_text(best.main_metric, best.main_value),
            small=visible(best.main_metric.rpartition("/")[2]),
            more=visible(" · ".join(more)),
            address=best.address,
        )
    ]


def _good(good: RunFacts | None) -> list[Figure]:
    if good is None:
        return []
    measured = metric_text(good.main_metric, good.main_value) if good.main_metric else ""
    return [
        Figure(
            label=_("Last good run"),
            value=f"#{good.pk}",
            small=age_text(good),
            more=" · ".join(filter(None, (_type_of(good), measured))),
            address=good.address,
        )
    ]


def _now(standing: Standing) -> list[Figure]:
    """Return what runs or waits; else the last run if it failed."""
    going_on = sorted(standing.active, key=lambda run: (run.status not in ON_HOST, run.pk))
    if going_on:
        run = going_on[0]
        word = str(RunStatus(run.status).label)
        return [
            Figure(label=_("Now"), value=f"#{run.pk}", small=word, address=run.address, tone="busy")
        ]
    if standing.last is not None and standing.is_failing:
        last = standing.last
        return [
            Figure(
                label=_("Last run failed"),
                value=f"#{last.pk}",
                small=age_text(last),
                more=last.why,
                address=last.address,
                tone="bad",
            )
        ]
    return []


def _type_of(run: RunFacts | BestRun) -> str:
    return str(EntryPointType(run.type).label)


def _review_address(pk: int) -> str:
    page = reverse("admin:registry_app_proposal_changelist")
    return f"{page}?show=confirm&experiment={pk}"
