"""The list of runs; a run itself is never changed by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import ShowFacets
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from registry_app.admin.guarded import GuardedAdmin
from runs_app.admin.compare_pages import compare_urls
from runs_app.admin.filters import (
    CauseFilter,
    CustomerFilter,
    DayRangeFilter,
    EndedFilter,
    EndedSinceFilter,
    ExperimentFilter,
    GroupFilter,
    MlflowFilter,
    NumberFilter,
    SiteFilter,
    StatusFilter,
    TaskFilter,
    TypeFilter,
    WhoFilter,
    ZoneFilter,
)
from runs_app.admin.parity.page import parity_urls
from runs_app.admin.run_list import RunList
from runs_app.admin.run_search import matching
from runs_app.admin.run_table import loosened
from runs_app.admin.table_pages import table_urls
from runs_app.choices import ACTIVE
from runs_app.lifecycle.cancel import cancel
from runs_app.models import Run
from runs_app.models.queue_place import with_place
from runs_app.urls import run_urls
from runs_app.views import run as views_run


@admin.register(Run)
class RunAdmin(GuardedAdmin):
    """Lists runs as a table of its own; the page of a single run is a separate view."""

    list_display = ("id",)
    list_filter = (
        GroupFilter,
        StatusFilter,
        TypeFilter,
        EndedFilter,
        CauseFilter,
        TaskFilter,
        CustomerFilter,
        SiteFilter,
        ZoneFilter,
        ExperimentFilter,
        WhoFilter,
        MlflowFilter,
        NumberFilter,
        EndedSinceFilter,
        ("queued_at", DayRangeFilter),
    )
    change_list_template = "admin/runs_app/run/change_list.html"
    search_fields = ("id",)  # `get_search_results` says in which columns
    search_help_text = _("Number, experiment, script, version or note")
    list_fullwidth = True
    show_facets = ShowFacets.NEVER
    show_full_result_count = False
    ordering = ("-id",)
    actions = ("cancel_runs",)

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return RunList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the table; where nothing matches, with ways to loosen the filters."""
        answer: Any = super().changelist_view(request, extra_context)
        context = getattr(answer, "context_data", None) or {}
        found = context.get("cl")
        if isinstance(found, RunList) and not found.result_list:
            context["loosened"] = loosened(found)
        response: HttpResponse = answer
        return response

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Run], search_term: str
    ) -> tuple[QuerySet[Run], bool]:
        condition = matching(search_term)
        return queryset.filter(condition) if condition != Q() else queryset, False

    def filter_names(self) -> list[str]:
        """Return the names of all filters in an address."""
        names = [
            str(getattr(item, "parameter_name", "")) for item in self.list_filter if callable(item)
        ]
        return [*names, "queued_at_from", "queued_at_to"]

    @admin.action(description=_("Cancel the selected runs"), permissions=["cancel_run"])
    def cancel_runs(self, request: HttpRequest, runs: QuerySet[Run]) -> None:
        user: Any = request.user
        count = sum(cancel(run, user=user) for run in runs.filter(status__in=ACTIVE))
        text = ngettext(
            "{count} run is being cancelled.", "{count} runs are being cancelled.", count
        )
        messages.success(request, text.format(count=count))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        return with_place(super().get_queryset(request))

    def has_cancel_run_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("runs_app.cancel_run")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Run | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Run | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        return [
            *run_urls(),
            *table_urls(),
            *compare_urls(),
            *parity_urls(),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the run; there is no form."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = views_run.run_of(object_id)
        if run is None:
            answer: HttpResponse = self._get_obj_does_not_exist_redirect(
                request, self.opts, object_id
            )
            return answer
        return views_run.page(request, run)
