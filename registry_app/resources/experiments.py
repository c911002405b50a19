"""Sheets of experiments and their entry points."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from registry_app.models import EntryPoint, Experiment
from registry_app.resources.base import SheetResource, headings
from registry_app.resources.cells import Cell, TextWidget
from registry_app.schema.table import ENTRY_POINT_FIELDS, EXPERIMENT_FIELDS


class ExperimentResource(SheetResource):
    """Experiments, one a row; missing customers, sites and zones are created."""

    keys: ClassVar = ("name",)
    table: ClassVar = EXPERIMENT_FIELDS
    name = Cell("name", "name", widget=TextWidget())

    class Meta:
        model = Experiment
        name = gettext_lazy("Experiments")
        fields = export_order = ("name", *headings(EXPERIMENT_FIELDS))

    def get_queryset(self) -> QuerySet[Experiment]:
        return Experiment.objects.select_related("zone__site__customer")

    def filter_export(self, queryset: QuerySet[Experiment], **options: Any) -> QuerySet[Experiment]:
        return queryset.select_related("zone__site__customer")


class EntryPointResource(SheetResource):
    """Entry points, one a row; their experiments must exist."""

    keys: ClassVar = ("experiment", "type")
    table: ClassVar = ENTRY_POINT_FIELDS
    experiment = Cell("experiment__name", "experiment", widget=TextWidget())
    type = Cell("type", "type", widget=TextWidget())

    class Meta:
        model = EntryPoint
        name = gettext_lazy("Entry points")
        fields = export_order = ("experiment", "type", *headings(ENTRY_POINT_FIELDS))

    def get_queryset(self) -> QuerySet[EntryPoint]:
        return EntryPoint.objects.select_related("experiment")

    def filter_export(self, queryset: QuerySet[Any], **options: Any) -> QuerySet[EntryPoint]:
        """Return the entry points of `queryset`, which may be one of experiments."""
        if queryset.model is Experiment:
            # Without the order and the annotations of the list: they cost time and are unused.
            shown = Experiment.objects.filter(pk__in=queryset.order_by().values("pk"))
            return self.get_queryset().filter(experiment__in=shown.values("pk"))
        return queryset.select_related("experiment")
