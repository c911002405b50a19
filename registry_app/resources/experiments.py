"""Sheets of experiments and their entry points."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.results import Result

from registry_app.arguments.problems import syntax_problem
from registry_app.changes import proposals
from registry_app.changes.apply import zone_of
from registry_app.changes.directories import named_twice
from registry_app.choices import FieldSource
from registry_app.document.model import Evidence
from registry_app.exceptions import PathRefusedError
from registry_app.fields import completeness, provenance
from registry_app.fields.names import ENTRY_POINT_COLUMNS, EXPERIMENT_COLUMNS, SITE_FIELDS, same
from registry_app.fields.templates import DECIDING, template_problem
from registry_app.files.paths import experiment_directory, resolve_directory, script_inside
from registry_app.models import EntryPoint, Experiment
from registry_app.resources.base import SheetResource, unknown
from registry_app.resources.cells import (
    Cell,
    FlagWidget,
    NumberWidget,
    ParametersWidget,
    TextWidget,
    WordsWidget,
    text_of,
)

_SITE_ATTRIBUTES = {
    "site.customer": "zone__site__customer__name",
    "site.region": "zone__site__region",
    "site.plant": "zone__site__plant",
    "site.zone": "zone__name",
}
_NAME_LENGTH = 100


class _CuratedResource(SheetResource):
    """A sheet whose values are fields of experiments: their origins and completeness follow."""

    def import_data(self, *args: Any, **options: Any) -> Result:
        self._touched: set[int] = set()
        return super().import_data(*args, **options)

    def said(self, instance: Any) -> dict[str, Any]:
        """Return the dotted fields of an experiment that a row of this sheet says."""
        raise NotImplementedError

    def after_init_instance(self, instance: Any, new: bool, row: Any, **options: Any) -> None:
        self._before = {} if new else self.said(instance)

    def after_save_instance(self, instance: Any, row: Any, **options: Any) -> None:
        experiment = instance if isinstance(instance, Experiment) else instance.experiment
        fields = [
            field
            for field, value in self.said(instance).items()
            if not same(self._before.get(field), value)
        ]
        # The first row of a sheet names its columns.
        where = f"{options.get('file_name') or ''}:{options['row_number'] + 1}"
        why = Evidence(confidence="", source=where.removeprefix(":"))
        provenance.record(
            experiment,
            fields,
            source=FieldSource.IMPORTED,
            by=options.get("user"),
            evidence=dict.fromkeys(fields, why),
        )
        self._touched.add(experiment.pk)

    def after_import(self, dataset: Any, result: Result, **options: Any) -> None:
        super().after_import(dataset, result, **options)
        completeness.refresh_many(list(self._touched))
        proposals.settle(self._touched)


def _site_cell(field: str, column: str) -> Cell:
    # Not written cell by cell: the four together say which zone is meant.
    return Cell(_SITE_ATTRIBUTES[field], column, widget=TextWidget(), readonly=True)


class ExperimentResource(_CuratedResource):
    """Experiments, one a row; customers, sites and zones that are not there yet are made."""

    keys: ClassVar = ("name",)
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

    class Meta(SheetResource.Meta):
        model = Experiment
        name = gettext_lazy("Experiments")
        import_id_fields = ("name",)
        fields = import_order = export_order = (
            "name", "path", "customer", "region", "plant", "zone",
            "task", "classes", "stage", "owner", "notes", "aliases",
        )  # fmt: skip

    def get_queryset(self) -> QuerySet[Experiment]:
        return Experiment.objects.select_related("zone__site__customer")

    def filter_export(self, queryset: QuerySet[Experiment], **options: Any) -> QuerySet[Experiment]:
        return queryset.select_related("zone__site__customer")

    def find(self, *key: str) -> Experiment | None:
        return self.get_queryset().filter(name=key[0]).first()

    def start(self, *key: str) -> Experiment:
        return Experiment(name=key[0])

    def said(self, instance: Any) -> dict[str, Any]:
        own = {field: getattr(instance, name) for field, name in EXPERIMENT_COLUMNS.items()}
        return own | self._site(instance)

    def problems(self, instance: Any, row: Any) -> Iterator[tuple[str, str]]:
        if instance.path and instance.path != self._before.get("path"):
            try:
                resolve_directory(instance.path, settings.GUARDIANFLOW_ROOTS)
            except PathRefusedError as error:
                yield "path", str(error)
            rows = Experiment.objects.exclude(name=instance.name).values_list("name", "path")
            if message := named_twice(instance.path, name=instance.name, others=dict(rows)):
                yield "path", message
        wrong = False
        parts = self._site(instance)
        for field in SITE_FIELDS:
            column = field.partition(".")[2]
            try:
                text = text_of(row.get(column))
            except ValueError as error:
                wrong = True
                yield column, str(error)
                continue
            if len(text) > _NAME_LENGTH:
                wrong = True
                yield column, _("A name has at most {most} characters.").format(most=_NAME_LENGTH)
            parts[field] = text or parts[field]
        if not wrong and parts != self._site(instance):
            instance.zone = zone_of(parts)

    def _site(self, instance: Experiment) -> dict[str, str]:
        zone = instance.zone
        if zone is None:
            return dict.fromkeys(SITE_FIELDS, "")
        site = zone.site
        return dict(
            zip(SITE_FIELDS, (site.customer.name, site.region, site.plant, zone.name), strict=True)
        )


class EntryPointResource(_CuratedResource):
    """Entry points, one a row; their experiments must be there."""

    keys: ClassVar = ("experiment", "type")
    experiment = Cell("experiment__name", "experiment", widget=TextWidget(), readonly=True)
    type = Cell("type", "type", widget=TextWidget(), readonly=True)
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

    class Meta(SheetResource.Meta):
        model = EntryPoint
        name = gettext_lazy("Entry points")
        import_id_fields = ("experiment", "type")
        fields = import_order = export_order = (
            "experiment", "type", "default", "patterns", "args_template", "parameters",
            "interpreter", "gpus", "gpu_memory_mib", "timeout_s", "grace_s", "overlap",
            "log_limit_mib", "background",
        )  # fmt: skip

    def get_queryset(self) -> QuerySet[EntryPoint]:
        return EntryPoint.objects.select_related("experiment")

    def filter_export(self, queryset: QuerySet[Any], **options: Any) -> QuerySet[EntryPoint]:
        """Return the entry points of `queryset`, which may be one of experiments."""
        if queryset.model is Experiment:
            # A subquery of its own: the pages' one may be sliced, ordered or annotated.
            names = list(queryset.values_list("pk", flat=True))
            return self.get_queryset().filter(experiment__in=names)
        return queryset.select_related("experiment")

    def find(self, *key: str) -> EntryPoint | None:
        return self.get_queryset().filter(experiment__name=key[0], type=key[1]).first()

    def start(self, *key: str) -> EntryPoint:
        name, kind = key
        experiment = Experiment.objects.filter(name=name).first()
        if experiment is None:
            known = list(Experiment.objects.values_list("name", flat=True))
            raise ValidationError({"experiment": unknown(_("experiment"), name, known)})
        return EntryPoint(experiment=experiment, type=kind)

    def said(self, instance: Any) -> dict[str, Any]:
        return {
            f"entry_points.{instance.type}.{field}": getattr(instance, name)
            for field, name in ENTRY_POINT_COLUMNS.items()
        }

    def problems(self, instance: Any, row: Any) -> Iterator[tuple[str, str]]:
        changed = {
            field.rpartition(".")[2]
            for field, value in self.said(instance).items()
            if not same(self._before.get(field), value)
        }
        if "default" in changed:
            try:
                script_inside(experiment_directory(instance.experiment), instance.default_script)
            except PathRefusedError as error:
                yield "default", str(error)
        if changed & DECIDING:
            said = {name: getattr(instance, ENTRY_POINT_COLUMNS[name]) for name in DECIDING}
            problem = syntax_problem(instance.args_template)
            problem = problem or template_problem(instance.experiment, said)
            if problem:
                yield "args_template", problem
