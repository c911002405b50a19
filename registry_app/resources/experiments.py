"""Sheets of experiments and their entry points."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from registry_app.fields.names import ENTRY_POINT_COLUMNS
from registry_app.models import EntryPoint, Experiment
from registry_app.resources.base import SheetResource
from registry_app.resources.cells import (
    Cell,
    FlagWidget,
    NumberWidget,
    ParametersWidget,
    TextWidget,
    WordsWidget,
)

_SITE_ATTRIBUTES = {
    "site.customer": "zone__site__customer__name",
    "site.region": "zone__site__region",
    "site.plant": "zone__site__plant",
    "site.zone": "zone__name",
}


def _site_cell(field: str, column: str) -> Cell:
    return Cell(_SITE_ATTRIBUTES[field], column, widget=TextWidget())


class ExperimentResource(SheetResource):
    """Experiments, one a row; customers, sites and zones that are not there yet are made."""

    keys: ClassVar = ("name",)
    said: ClassVar = {
        "path": "path",
        **{field.partition(".")[2]: field for field in _SITE_ATTRIBUTES},
        "task": "task.type",
        "classes": "task.classes",
        **{name: name for name in ("stage", "owner", "notes", "aliases")},
    }
    name = Cell("name", "name", widget=TextWidget())
    path = Cell("path", "path", widget=TextWidget())
    customer = _site_cell("site.customer", "customer")
    region = _site_cell("site.region", "region")
    plant = _site_cell("site.plant", "plant")
    zone = _site_cell("site.zone", "zone")
    task = Cell("task_type", "task", widget=TextWidget())
    classes = Cell("classes", "classes", widget=WordsWidget())
    stage = Cell("stage_held", "stage", widget=NumberWidget())
    owner = Cell("owner", "owner", widget=TextWidget())
    notes = Cell("notes", "notes", widget=TextWidget(lines=True))
    aliases = Cell("aliases", "aliases", widget=WordsWidget())

    class Meta:
        model = Experiment
        name = gettext_lazy("Experiments")
        fields = export_order = (
            "name", "path", "customer", "region", "plant", "zone",
            "task", "classes", "stage", "owner", "notes", "aliases",
        )  # fmt: skip

    def get_queryset(self) -> QuerySet[Experiment]:
        return Experiment.objects.select_related("zone__site__customer")

    def filter_export(self, queryset: QuerySet[Experiment], **options: Any) -> QuerySet[Experiment]:
        return queryset.select_related("zone__site__customer")


class EntryPointResource(SheetResource):
    """Entry points, one a row; their experiments must be there."""

    keys: ClassVar = ("experiment", "type")
    said: ClassVar = {field.rpartition(".")[2]: field for field in ENTRY_POINT_COLUMNS}
    experiment = Cell("experiment__name", "experiment", widget=TextWidget())
    type = Cell("type", "type", widget=TextWidget())
    default = Cell("default_script", "default", widget=TextWidget())
    patterns = Cell("patterns", "patterns", widget=WordsWidget())
    args_template = Cell("args_template", "args_template", widget=TextWidget())
    parameters = Cell("parameters", "parameters", widget=ParametersWidget())
    interpreter = Cell("interpreter", "interpreter", widget=TextWidget())
    gpus = Cell("gpus", "gpus", widget=NumberWidget())
    gpu_memory_mib = Cell("gpu_memory_mib", "gpu_memory_mib", widget=NumberWidget())
    timeout_s = Cell("timeout_s", "timeout_s", widget=NumberWidget())
    grace_s = Cell("grace_s", "grace_s", widget=NumberWidget())
    overlap = Cell("overlap", "overlap", widget=FlagWidget())
    log_limit_mib = Cell("log_limit_mib", "log_limit_mib", widget=NumberWidget())
    background = Cell("background", "background", widget=FlagWidget())

    class Meta:
        model = EntryPoint
        name = gettext_lazy("Entry points")
        fields = export_order = (
            "experiment", "type", "default", "patterns", "args_template", "parameters",
            "interpreter", "gpus", "gpu_memory_mib", "timeout_s", "grace_s", "overlap",
            "log_limit_mib", "background",
        )  # fmt: skip

    def get_queryset(self) -> QuerySet[EntryPoint]:
        return EntryPoint.objects.select_related("experiment")

    def filter_export(self, queryset: QuerySet[Any], **options: Any) -> QuerySet[EntryPoint]:
        """Return the entry points of `queryset`, which may be one of experiments."""
        if queryset.model is Experiment:
            # Without the order and the columns that the list adds: they cost and say nothing here.
            shown = Experiment.objects.filter(pk__in=queryset.order_by().values("pk"))
            return self.get_queryset().filter(experiment__in=shown.values("pk"))
        return queryset.select_related("experiment")
