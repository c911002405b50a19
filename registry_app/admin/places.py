"""Pages of customers, sites and zones. Their names are fields of every experiment there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from registry_app.admin import curation
from registry_app.admin.base import ListsAsLines, RegistryAdmin, person
from registry_app.admin.details.places import experiments_address, in_use, place_context
from registry_app.models import Customer, Experiment, Site, Zone


class PlaceAdmin(RegistryAdmin):
    """A place whose names are fields of the experiments in it."""

    # Which column holds which dotted field of an experiment, and the look-up of the experiments.
    fields_of_experiments: ClassVar[dict[str, str]] = {}
    experiments_by: ClassVar[str] = ""
    detail_template = "admin/registry_app/place/detail.html"

    def detail_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return super().detail_context(request, row) | place_context(row)

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        fields = [
            field for name, field in self.fields_of_experiments.items() if name in form.changed_data
        ]
        if change and fields:
            self._say_curated(
                Experiment.objects.filter(**{self.experiments_by: obj}), fields, request
            )

    def _say_curated(
        self, experiments: Iterable[Experiment], fields: list[str], request: HttpRequest
    ) -> None:
        for experiment in experiments:
            curation.curated(experiment, fields, by=person(request))

    @admin.display(description=_("experiments"), ordering="experiment_count")
    def experiment_count(self, place: Any) -> SafeString:
        return format_html(
            '<a class="gf-link" href="{}">{}</a>',
            experiments_address(place),
            place.experiment_count,
        )


class SiteInline(TabularInline):
    model = Site
    extra = 0
    show_change_link = True
    fields = ("region", "plant")


class ZoneInline(TabularInline):
    model = Zone
    extra = 0
    show_change_link = True
    fields = ("name",)


@admin.register(Customer)
class CustomerAdmin(ListsAsLines, PlaceAdmin):
    fields_of_experiments: ClassVar = {"name": "site.customer"}
    experiments_by = "zone__site__customer"
    list_display = ("__str__", "name", "site_count", "experiment_count")
    ordering = ("name",)  # set here, because an annotated query ignores the order of the model
    search_fields = ("name", "display_name")
    inlines: ClassVar = [SiteInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        rows: QuerySet[Customer] = super().get_queryset(request)
        return rows.annotate(
            site_count=Count("sites", distinct=True),
            experiment_count=in_use("sites__zones__experiments"),
        )

    @admin.display(description=_("sites"), ordering="site_count")
    def site_count(self, customer: Any) -> int:
        return int(customer.site_count)


@admin.register(Site)
class SiteAdmin(PlaceAdmin):
    fields_of_experiments: ClassVar = {
        "customer": "site.customer",
        "region": "site.region",
        "plant": "site.plant",
    }
    experiments_by = "zone__site"
    list_display = ("__str__", "customer", "region", "plant", "experiment_count")
    ordering = ("customer__name", "region", "plant")
    search_fields = ("customer__name", "customer__display_name", "region", "plant")
    autocomplete_fields = ("customer",)
    inlines: ClassVar = [ZoneInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Site]:
        rows: QuerySet[Site] = super().get_queryset(request)
        return rows.select_related("customer").annotate(
            experiment_count=in_use("zones__experiments")
        )


@admin.register(Zone)
class ZoneAdmin(PlaceAdmin):
    fields_of_experiments: ClassVar = {"name": "site.zone", "site": "site.customer"}
    experiments_by = "zone"
    list_display = ("__str__", "site", "name", "experiment_count")
    ordering = ("site__customer__name", "site__region", "site__plant", "name")
    search_fields = (
        "name",
        "site__region",
        "site__plant",
        "site__customer__name",
        "site__customer__display_name",
    )
    autocomplete_fields = ("site",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Zone]:
        rows: QuerySet[Zone] = super().get_queryset(request)
        return rows.select_related("site__customer").annotate(
            experiment_count=in_use("experiments")
        )
