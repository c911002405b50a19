"""What runs add to the pages of customers, sites and zones: the state of each experiment there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from registry_app.admin import places
from registry_app.admin.details.pages import DetailPages
from registry_app.models import Customer, Experiment, Site, Zone
from runs_app.overview.cell import Cell, cell_of
from runs_app.overview.matrix import matrix_of
from runs_app.overview.stages import stage_links
from runs_app.overview.standing import Standing, standings

SHOWN = 50


@dataclass(frozen=True, kw_only=True)
class ExperimentLine:
    """One experiment of a place; `cell` shows its state."""

    name: str
    address: str
    cell: Cell


class RunsOfPlace(DetailPages):
    """Mixin for the admin of a place: its experiments, and its tasks if it has several sites."""

    experiments_by: ClassVar[str] = ""

    def detail_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        context = super().detail_context(request, row)
        if not request.user.has_perm("runs_app.view_run"):
            return context
        every = standings(Experiment.objects.filter(**{self.experiments_by: row}).order_by("name"))
        place = {str(row._meta.model_name): row.pk}
        context |= {
            "shows_runs": True,
            "runs_address": f"{reverse('admin:runs_app_run_changelist')}?{urlencode(place)}",
            "stages": stage_links(every, **place),
            "lines": [_line(standing, place) for standing in every[:SHOWN]],
            "more_lines": max(0, len(every) - SHOWN),
        }
        if len({standing.site for standing in every}) > 1:
            context["matrix"] = matrix_of(every)
        return context


def _line(standing: Standing, place: dict[str, Any]) -> ExperimentLine:
    return ExperimentLine(
        name=standing.name,
        address=reverse("admin:registry_app_experiment_detail", args=[standing.pk]),
        cell=cell_of([standing], place),
    )


for _model in (Customer, Site, Zone):
    admin.site.unregister(_model)


@admin.register(Customer)
class CustomerAdmin(RunsOfPlace, places.CustomerAdmin):
    """The registry's pages of customers, with runs."""

    experiments_by = places.CustomerAdmin.experiments_by


@admin.register(Site)
class SiteAdmin(RunsOfPlace, places.SiteAdmin):
    """The registry's pages of sites, with runs."""

    experiments_by = places.SiteAdmin.experiments_by


@admin.register(Zone)
class ZoneAdmin(RunsOfPlace, places.ZoneAdmin):
    """The registry's pages of zones, with runs."""

    experiments_by = places.ZoneAdmin.experiments_by
