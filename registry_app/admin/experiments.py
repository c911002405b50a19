"""Pages of experiments. Runs add their columns and buttons in a subclass of their own app."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest
from django.db.models import Case, Count, IntegerField, OuterRef, QuerySet, Subquery, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.admin import ExportMixin
from import_export.formats.base_formats import CSV, XLSX
from unfold.admin import StackedInline
from unfold.contrib.import_export.forms import ExportForm
from unfold.decorators import action

from registry_app.admin import curation, imports, registry_file
from registry_app.admin.base import ListsAsLines, RegistryAdmin, person
from registry_app.admin.experiment_columns import ExperimentColumns
from registry_app.admin.experiment_panels import known_places, panels_of
from registry_app.admin.facts import facts_of
from registry_app.admin.filters import (
    AttentionFilter,
    CompletenessFilter,
    CustomerFilter,
    SiteFilter,
    TaskFilter,
)
from registry_app.admin.forms import EntryPointForm, EntryPointFormSet, ExperimentForm
from registry_app.admin.origins import SITE_COLUMNS
from registry_app.admin.source import source_page
from registry_app.choices import EntryPointType
from registry_app.models import EntryPoint, Experiment, Proposal


class EntryPointInline(ListsAsLines, StackedInline):
    """How an experiment is started, one block per purpose."""

    model = EntryPoint
    form = EntryPointForm
    formset = EntryPointFormSet
    extra = 0
    fieldsets = (
        (None, {"fields": ("type", "default_script", "patterns", "args_template")}),
        (
            gettext_lazy("Interpreter, limits and parameters"),
            {
                "classes": ("collapse",),
                "fields": (
                    "interpreter",
                    ("gpus", "gpu_memory_mib"),
                    ("timeout_s", "grace_s", "log_limit_mib"),
                    ("overlap", "background"),
                    "parameters",
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[EntryPoint]:
        """Order the blocks as the registry file does, not by their letters."""
        rows: QuerySet[EntryPoint] = super().get_queryset(request)
        order = [When(type=kind, then=place) for place, kind in enumerate(EntryPointType.values)]
        rows = rows.select_related("experiment")
        return rows.order_by(Case(*order, output_field=IntegerField()))

    def get_formset(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        formset = super().get_formset(request, obj, **options)
        formset.by = person(request)
        return formset

    def get_max_num(self, request: HttpRequest, obj: Any = None, **options: Any) -> int:
        return len(EntryPointType)


@admin.register(Experiment)
class ExperimentAdmin(ExperimentColumns, ListsAsLines, ExportMixin, RegistryAdmin):
    """What a directory of scripts is: curated by people, drafted by scans.

    A subclass adds to `list_display`, `list_filter`, `actions` and `actions_detail`, and wraps
    `get_queryset`; the page's own panels come from `render_change_form`.
    """

    form = ExperimentForm
    export_form_class = ExportForm
    export_formats = (CSV, XLSX)
    to_encoding = "utf-8-sig"  # else Excel takes Korean for something else
    list_display = ("name_and_path", "place", "task", "completeness_bar")
    list_display_links = ("name_and_path",)
    list_filter = (CustomerFilter, SiteFilter, TaskFilter, CompletenessFilter, AttentionFilter)
    list_select_related = ("zone__site__customer",)
    search_fields = (
        "name",
        "zone__site__customer__name",
        "zone__site__customer__display_name",
        "zone__site__region",
        "zone__site__plant",
        "zone__name",
        "task_type",
        "owner",
    )
    search_help_text = gettext_lazy("Name, customer, region, plant, zone, task or owner")
    inlines: ClassVar = [EntryPointInline]
    actions: ClassVar[list[Any]] = []
    actions_list: ClassVar = [
        "scan",
        {
            "title": gettext_lazy("Import and export"),
            "icon": "swap_vert",
            "items": ["import_yaml", "export_yaml", "import_table", "export_table"],
        },
    ]
    actions_list_hide_default = True  # the spreadsheets stand in the menu above
    actions_detail: ClassVar[list[Any]] = []
    fieldsets = (
        (gettext_lazy("What it is"), {"fields": ("name", "path", "owner", "aliases", "notes")}),
        (
            gettext_lazy("Where it watches"),
            {
                "fields": (("site_customer", "site_region"), ("site_plant", "site_zone")),
                "description": gettext_lazy(
                    "Write what is known, and leave empty what nobody knows yet. "
                    "Customer, site and zone are made where they are new."
                ),
            },
        ),
        (gettext_lazy("What it recognises"), {"fields": ("task_type", "classes")}),
        (
            gettext_lazy("Migration stage"),
            {"fields": ("stage_held",), "classes": ("collapse",)},
        ),
    )

    # The list

    def get_queryset(self, request: HttpRequest) -> QuerySet[Experiment]:
        rows: QuerySet[Experiment] = super().get_queryset(request)
        waiting = Proposal.objects.open().filter(experiment=OuterRef("pk")).order_by()
        count = waiting.values("experiment").annotate(n=Count("pk")).values("n")
        return rows.annotate(proposal_count=Subquery(count))

    # The page of one

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the zone as one line to those who may not edit it."""
        fieldsets = super().get_fieldsets(request, obj)
        if self._may_edit(request, obj):
            return fieldsets
        return [
            (title, {**options, "fields": ("zone",)} if _is_place(options) else options)
            for title, options in fieldsets
        ]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Let proposals go with their experiment, though nobody may delete one by itself."""
        listed, counts, lacking, protected = super().get_deleted_objects(objs, request)
        own = str(Proposal._meta.verbose_name)
        return listed, counts, {name for name in lacking if str(name) != own}, protected

    def get_urls(self) -> list[URLPattern]:
        urls: list[URLPattern] = super().get_urls()
        pages = {
            "<row:pk>/source/": ("source", source_page),
            "<row:pk>/hand-back/": ("hand-back", curation.hand_back_view),
            "imports/<row:pk>/": ("import_job", imports.job_page),
            "imports/<row:pk>/progress/": ("import_progress", imports.progress_of),
        }
        own = [
            path(
                address,
                self.admin_site.admin_view(partial(self._own_page, view)),
                name=f"registry_app_experiment_{name}",
            )
            for address, (name, view) in pages.items()
        ]
        return [*own, *urls]

    def _own_page(
        self, view: Callable[..., HttpResponse], request: HttpRequest, pk: int
    ) -> HttpResponse:
        return view(request, self, pk)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        context["known_places"] = known_places()
        experiment = context.get("original")
        if isinstance(experiment, Experiment):
            context |= panels_of(experiment) | facts_of(experiment)
        response: HttpResponse = super().render_change_form(request, context, *args, **options)
        return response

    def save_model(self, request: HttpRequest, obj: Experiment, form: Any, change: bool) -> None:
        before = curation.stored_values(obj)
        if any(column in form.changed_data for column in SITE_COLUMNS):
            curation.place(obj, form.cleaned_data)
        super().save_model(request, obj, form, change)
        fields = curation.decided_fields(before, curation.stored_values(obj))
        curation.curated(obj, fields, by=person(request))

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Iterable[Any], change: bool
    ) -> None:
        formsets = list(formsets)
        super().save_related(request, form, formsets, change)
        fields = curation.decided_entry_points(formsets)
        curation.curated(form.instance, fields, by=person(request))
        curation.say_what_waits(request, form.instance)

    # Registry file and scan

    @action(
        description=gettext_lazy("Scan now"),
        url_path="scan-now",
        permissions=["scan"],
        icon="document_search",
    )
    def scan(self, request: HttpRequest) -> HttpResponse:
        """Lead to the page that asks before it scans."""
        return HttpResponseRedirect(reverse("admin:registry_app_scanjob_add"))

    @action(
        description=gettext_lazy("Import YAML"),
        url_path="import-yaml",
        permissions=["import"],
        icon="upload_file",
    )
    def import_yaml(self, request: HttpRequest) -> HttpResponse:
        """Take a registry file and show what it would change; apply it when confirmed."""
        return imports.import_page(request, self, sheets=False)

    @action(
        description=gettext_lazy("Export YAML"),
        url_path="export-yaml",
        permissions=["export"],
        icon="file_save",
    )
    def export_yaml(self, request: HttpRequest) -> HttpResponse:
        """Give the registry file."""
        return registry_file.download()

    @action(
        description=gettext_lazy("Import spreadsheet"),
        url_path="import-spreadsheet",
        permissions=["import"],
        icon="table",
    )
    def import_table(self, request: HttpRequest) -> HttpResponse:
        """Take a CSV or XLSX file and show what it would change; apply it when confirmed."""
        return imports.import_page(request, self, sheets=True)

    @action(
        description=gettext_lazy("Export spreadsheet"),
        url_path="export-spreadsheet",
        permissions=["export"],
        icon="table",
    )
    def export_table(self, request: HttpRequest) -> HttpResponse:
        """Lead to the page that gives a CSV or XLSX file."""
        return HttpResponseRedirect(reverse("admin:registry_app_experiment_export"))

    def get_resource_classes(self, request: HttpRequest) -> list[type]:
        from registry_app import resources

        return [
            resources.ExperimentResource,
            resources.EntryPointResource,
            resources.CustomerResource,
            resources.SiteResource,
            resources.ZoneResource,
        ]

    def get_export_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows that the list shows, for pages that export them."""
        try:
            rows: QuerySet[Any] = super().get_export_queryset(request)
        except IncorrectLookupParameters as error:
            raise BadRequest(_("The list has no such filter.")) from error
        return rows

    def has_scan_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("registry_app.add_scanjob")

    def has_import_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perms(
            ("registry_app.add_experiment", "registry_app.change_experiment")
        )

    def has_export_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.has_view_permission(request))


def _is_place(options: Any) -> bool:
    return any("site_customer" in row for row in options["fields"])
