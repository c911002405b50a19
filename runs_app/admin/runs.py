"""The list of runs; a run itself is never changed by hand."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.options import ShowFacets
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from registry_app.admin.guarded import GuardedAdmin
from runs_app.admin.filters import DayRangeFilter, GroupFilter, NumberFilter
from runs_app.choices import ACTIVE, MlflowState
from runs_app.lifecycle.cancel import cancel
from runs_app.models import Run
from runs_app.models.queue_place import with_place
from runs_app.sentences import duration_text, short_time
from runs_app.urls import run_urls
from runs_app.views import run as views_run
from runs_app.views.wording import status_badge, waiting_text


@admin.register(Run)
class RunAdmin(GuardedAdmin):
    """Lists runs; the page of one is a view of its own."""

    list_display = (
        "number",
        "experiment",
        "type",
        "version",
        "state",
        "queued",
        "started",
        "took",
        "mlflow",
    )
    list_display_links = ("number",)
    list_filter = (
        GroupFilter,
        NumberFilter,
        "status",
        "type",
        "mlflow_state",
        ("experiment", AutocompleteSelectFilter),
        ("queued_at", DayRangeFilter),
    )
    list_filter_submit = True
    list_fullwidth = True
    list_select_related = ("experiment", "queued_by")
    list_per_page = 50
    search_fields = ("=id", "^version", "experiment__name", "script")
    search_help_text = _("Number, version, experiment or script.")
    show_facets = ShowFacets.NEVER
    show_full_result_count = False
    ordering = ("-id",)
    actions = ("cancel_runs",)

    class Media:
        css: ClassVar = {"all": ["runs_app/runs.css"]}
        js = ("runs_app/list.js",)

    @admin.display(description=_("number"), ordering="id")
    def number(self, run: Run) -> str:
        return f"#{run.pk}"

    @admin.display(description=_("status"), ordering="status")
    def state(self, run: Any) -> SafeString:
        active = run.pk if run.is_active else ""
        return format_html(
            '<span class="gfr-cell"><span class="gfr-state" data-run="{}">{}</span>'
            '<span class="gfr-reason">{}</span><span class="gfr-faint gfr-wait">{}</span></span>',
            active,
            status_badge(run.status),
            run.status_reason,
            waiting_text(run, run.place),
        )

    @admin.display(description=_("queued"), ordering="queued_at")
    def queued(self, run: Run) -> SafeString:
        return format_html(
            '<span class="gfr-cell"><span class="gfr-line">{}</span>'
            '<span class="gfr-faint">{}</span></span>',
            short_time(run.queued_at),
            run.queued_by or "",
        )

    @admin.display(description=_("started"), ordering="started_at")
    def started(self, run: Run) -> SafeString:
        return format_html('<span class="gfr-line">{}</span>', short_time(run.started_at) or "–")

    @admin.display(description=_("duration"))
    def took(self, run: Run) -> SafeString:
        return format_html('<span class="gfr-took">{}</span>', duration_text(run.duration) or "–")

    @admin.display(description="MLflow", ordering="mlflow_state")
    def mlflow(self, run: Run) -> SafeString:
        if run.is_active or not run.goes_to_mlflow:
            return format_html("{}", "–")
        tone = "good" if run.mlflow_state == MlflowState.SENT else "quiet"
        if run.mlflow_error and run.mlflow_state != MlflowState.SENT:
            tone = "warn"
        return format_html(
            '<span class="gfr-badge gfr-{}">{}</span>', tone, run.get_mlflow_state_display()
        )

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
        return [*run_urls(), *super().get_urls()]

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
