"""Pages of experiments. Runs add their columns and buttons in a subclass of their own app."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Case, Count, IntegerField, OuterRef, QuerySet, Subquery, When
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy
from unfold.admin import StackedInline

from registry_app.admin import archiving, curation, imports
from registry_app.admin.base import ListsAsLines, RegistryAdmin, person
from registry_app.admin.details.events import Source
from registry_app.admin.details.experiment import (
    attention_of,
    experiment_context,
    rows_to_read,
)
from registry_app.admin.details.journal import add_note, journal_of, may_write
from registry_app.admin.experiment_columns import ExperimentColumns
from registry_app.admin.experiment_files import ExperimentFiles
from registry_app.admin.filters import (
    ArchivedFilter,
    AttentionFilter,
    CompletenessFilter,
    CustomerFilter,
    NewSinceFilter,
    SiteFilter,
    TaskFilter,
    ZoneFilter,
)
from registry_app.admin.forms import EntryPointForm, EntryPointFormSet, ExperimentForm
from registry_app.admin.known_places import known_places
from registry_app.admin.origins import SITE_COLUMNS
from registry_app.admin.source import source_page
from registry_app.changes.places import sweep
from registry_app.choices import EntryPointType
from registry_app.models import EntryPoint, Experiment, Proposal
from registry_app.reading import message_text
from registry_app.row_numbers import row_number
from registry_app.schema.fields import Section, form_rows
from registry_app.schema.table import ENTRY_POINT_FIELDS, EXPERIMENT_FIELDS


class EntryPointInline(ListsAsLines, StackedInline):
    """How to start an experiment, one block per purpose."""

    model = EntryPoint
    form = EntryPointForm
    formset = EntryPointFormSet
    extra = 0
    fieldsets = (
        (None, {"fields": ("type", *form_rows(ENTRY_POINT_FIELDS, Section.COMMAND))}),
        (
            gettext_lazy("Interpreter, environment, limits and parameters"),
            {
                "classes": ("collapse",),
                "fields": form_rows(ENTRY_POINT_FIELDS, Section.LIMITS),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[EntryPoint]:
        """Order the blocks like the registry file, not alphabetically."""
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
class ExperimentAdmin(ExperimentColumns, ListsAsLines, ExperimentFiles, RegistryAdmin):
    """A directory of scripts: drafted by scans, curated by users.

    A subclass adds to `list_display`, `list_filter`, `actions` and `actions_detail`, and wraps
    `get_queryset`; the page's own panels come from `render_change_form`.
    """

    detail_template = "admin/registry_app/experiment/detail.html"
    form = ExperimentForm
    list_display = ("name_and_path", "place", "task", "completeness_bar", "confirmed_link")
    list_display_links = ("name_and_path",)
    list_filter = (
        *(CustomerFilter, SiteFilter, ZoneFilter, TaskFilter),
        *(CompletenessFilter, AttentionFilter, NewSinceFilter, ArchivedFilter),
    )
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
    actions_detail: ClassVar[list[Any]] = []
    fieldsets = (
        (
            gettext_lazy("What it is"),
            {"fields": ("name", *form_rows(EXPERIMENT_FIELDS, Section.ABOUT))},
        ),
        (
            gettext_lazy("Site"),
            {
                "fields": form_rows(EXPERIMENT_FIELDS, Section.PLACE),
                "description": gettext_lazy(
                    "Fill in what is known and leave the rest empty. New customers, "
                    "sites and zones are created."
                ),
            },
        ),
        (
            gettext_lazy("Task and classes"),
            {"fields": form_rows(EXPERIMENT_FIELDS, Section.TASK)},
        ),
        (
            gettext_lazy("Migration stage"),
            {"fields": form_rows(EXPERIMENT_FIELDS, Section.STAGE), "classes": ("collapse",)},
        ),
    )

    # The list

    def get_queryset(self, request: HttpRequest) -> QuerySet[Experiment]:
        rows: QuerySet[Experiment] = super().get_queryset(request)
        waiting = Proposal.objects.open().filter(experiment=OuterRef("pk")).order_by()
        count = waiting.values("experiment").annotate(n=Count("pk")).values("n")
        return rows.annotate(proposal_count=Subquery(count))

    # The page of one experiment, and its form

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the user may change an experiment; an archived one is only shown."""
        is_archived = isinstance(obj, Experiment) and obj.archived_at is not None
        return not is_archived and bool(super().has_change_permission(request, obj))

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Return the experiment; to be shown, with all that its form and its buttons need."""
        if request.method not in {"GET", "HEAD"} or from_field:
            return super().get_object(request, object_id, from_field)
        rows = request.__dict__.setdefault("experiments_read", {})
        if object_id not in rows:
            request.seen_mark = self.seen_mark(object_id)  # type: ignore[attr-defined]
            rows[object_id] = self.detail_rows(request).filter(pk=row_number(object_id)).first()
        return rows[object_id]

    def detail_rows(self, request: HttpRequest) -> QuerySet[Experiment]:
        return rows_to_read(super().detail_rows(request))

    def detail_context(self, request: HttpRequest, row: Experiment) -> dict[str, Any]:
        context = super().detail_context(request, row) | experiment_context(row)
        reason = row.archived_reason
        return context | {
            "may_write_notes": may_write(request, self),
            # Asked without the row, since an archived one may be restored but not edited.
            "may_archive": self.has_change_permission(request),
            "archived_reason": message_text(reason) if reason is not None else "",
        }

    def timeline_sources(self, request: HttpRequest, row: Experiment) -> list[Source]:
        return [*super().timeline_sources(request, row), journal_of(row)]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Delete proposals with their experiment, although they cannot be deleted by themselves."""
        listed, counts, lacking, protected = super().get_deleted_objects(objs, request)
        own = str(Proposal._meta.verbose_name)
        return listed, counts, {name for name in lacking if str(name) != own}, protected

    def get_urls(self) -> list[URLPattern]:
        urls: list[URLPattern] = super().get_urls()
        pages = {
            "<row:pk>/source/": ("source", source_page),
            "<row:pk>/hand-back/": ("hand-back", curation.hand_back_view),
            "<row:pk>/archive/": ("archive", archiving.archive_view),
            "<row:pk>/restore/": ("restore", archiving.restore_view),
            "<row:pk>/notes/": ("notes", add_note),
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
        for name in ("import", "process_import"):
            page = partial(self._sheet_page, confirms=name == "process_import")
            view = self.admin_site.admin_view(page)
            own.append(path(f"{name}/", view, name=f"registry_app_experiment_{name}"))
        return [*own, *urls]

    def _sheet_page(self, request: HttpRequest, *, confirms: bool) -> HttpResponse:
        return imports.sheet_page(request, self, confirms=confirms)

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
            if request.method == "POST":  # the row has the values of the refused form
                experiment = self.detail_rows(request).get(pk=experiment.pk)
            context |= attention_of(experiment) | {"scripts_found": experiment.scripts.all()}
        response: HttpResponse = super().render_change_form(request, context, *args, **options)
        return response

    def save_model(self, request: HttpRequest, obj: Experiment, form: Any, change: bool) -> None:
        before, left = curation.stored_values(obj), obj.zone_id
        if any(column in form.changed_data for column in SITE_COLUMNS):
            curation.place(obj, form.cleaned_data)
        super().save_model(request, obj, form, change)
        if obj.zone_id != left:
            sweep([left])
        fields = curation.decided_fields(before, curation.stored_values(obj))
        curation.curated(obj, fields, by=person(request), singly=fields)

    def after_delete(self, rows: Iterable[Experiment]) -> None:
        sweep(row.zone_id for row in rows)

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Iterable[Any], change: bool
    ) -> None:
        formsets = list(formsets)
        super().save_related(request, form, formsets, change)
        fields = curation.decided_entry_points(formsets)
        singly = curation.decided_singly(fields, formsets)
        curation.curated(form.instance, fields, by=person(request), singly=singly)
        curation.say_what_waits(request, form.instance)
