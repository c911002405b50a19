"""The page of the migration: where each experiment is, what it lacks, and whose step is next."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from registry_app.admin.details.pages import detail_address
from registry_app.choices import Stage
from registry_app.models import Experiment, Site
from registry_app.row_numbers import row_number
from runs_app.admin.stages import Shown, stages_shown
from runs_app.models.experiments import with_stage
from runs_app.stages.facts import with_facts

A_PAGE = 50
# What the filter by owner takes for experiments without one.
NO_OWNER = "-"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One experiment: its place, its stages, and the page of each."""

    name: str
    address: str
    site: str
    task: str
    owner: str
    stages: Shown


@dataclass(frozen=True, kw_only=True)
class Filters:
    """The chosen filters; empty or None: all."""

    site: int | None
    stage: int | None
    owner: str

    @classmethod
    def of(cls, request: HttpRequest) -> Filters:
        stage = row_number(request.GET.get("stage", ""))
        return cls(
            site=row_number(request.GET.get("site", "")),
            stage=stage if stage in Stage.values else None,
            owner=request.GET.get("owner", ""),
        )

    def applied(self, rows: QuerySet[Experiment]) -> QuerySet[Experiment]:
        if self.site:
            rows = rows.filter(zone__site=self.site)
        if self.owner:
            rows = rows.filter(owner="" if self.owner == NO_OWNER else self.owner)
        return rows

    @property
    def query(self) -> str:
        values = {"site": self.site, "stage": self.stage, "owner": self.owner}
        return urlencode({name: value for name, value in values.items() if value})


def migration(request: HttpRequest) -> HttpResponse:
    """Show the experiments that the filters leave, the least advanced first."""
    model_admin = admin.site.get_model_admin(Experiment)
    may_see = request.user.has_perm("runs_app.view_run")
    if not model_admin.has_view_permission(request) or not may_see:
        raise PermissionDenied
    filters = Filters.of(request)
    rows = filters.applied(Experiment.objects.all())
    counts = Counter(with_stage(rows).values_list("stage", flat=True))  # type: ignore[misc]
    page = _page(rows, filters, row_number(request.GET.get("p", "")) or 1)
    context = {
        **admin.site.each_context(request),
        "title": _("Migration"),
        "opts": Experiment._meta,
        "filters": filters,
        "page": page,
        "lines": [_line(experiment, request.user) for experiment in page],
        "stages": [(stage.value, str(stage.label), counts.get(stage.value, 0)) for stage in Stage],
        "sites": _sites(),
        "owners": _owners(),
        "no_owner": NO_OWNER,
    }
    return TemplateResponse(request, "admin/runs_app/experiment/migration.html", context)


def _page(rows: QuerySet[Experiment], filters: Filters, number: int) -> Page[Any]:
    found: Any = with_facts(rows).select_related("zone__site__customer")
    if filters.stage:
        found = found.filter(stage=filters.stage)
    return Paginator(found.order_by("proved_stage", "name"), A_PAGE).get_page(number)


def _line(experiment: Any, user: Any) -> Line:
    site = experiment.zone.site if experiment.zone else None
    return Line(
        name=experiment.name,
        address=detail_address(experiment),
        site=_site_name(site) if site else "",
        task=experiment.task_type,
        owner=experiment.owner,
        stages=stages_shown(experiment, user),
    )


def _sites() -> list[tuple[int, str]]:
    rows = Site.objects.select_related("customer").order_by("customer__name", "region", "plant")
    return [(row.pk, _site_name(row)) for row in rows]


def _site_name(site: Site) -> str:
    customer = site.customer.display_name or site.customer.name
    return " · ".join(filter(None, (customer, site.region, site.plant)))


def _owners() -> list[str]:
    rows = Experiment.objects.exclude(owner="").order_by("owner")
    return list(rows.values_list("owner", flat=True).distinct())
