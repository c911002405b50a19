"""The list of run sets, whatever they were made from; each leads to its page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from registry_app.admin.guarded import GuardedAdmin
from registry_app.row_numbers import row_number
from runs_app.choices import StepState
from runs_app.models import RunSet
from runs_app.urls import run_set_urls
from runs_app.views import run_sets as views


@admin.register(RunSet)
class RunSetAdmin(GuardedAdmin):
    """Read only: forms, commands and schedules make run sets."""

    list_display = ("__str__", "shown_state", "progress", "made_by", "made_at", "ended_at")
    list_filter = ("kind", "state")
    search_fields = ("name", "steps__experiment__name")
    list_per_page = 50
    show_full_result_count = False

    class Media:
        css = {"all": ["runs_app/runs.css"]}  # noqa: RUF012

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, row: RunSet) -> SafeString:
        return views.set_badge(row.state)

    @admin.display(description=_("members"))
    def progress(self, row: Any) -> str:
        return f"{row.succeeded} / {row.members}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[RunSet]:
        rows: QuerySet[RunSet] = super().get_queryset(request).select_related("made_by")
        return rows.annotate(
            members=Count("steps", distinct=True),
            succeeded=Count("steps", filter=Q(steps__state=StepState.SUCCEEDED), distinct=True),
        )

    def has_view_permission(self, request: HttpRequest, obj: RunSet | None = None) -> bool:
        return request.user.has_perm("runs_app.view_run")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: RunSet | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: RunSet | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        return [*run_set_urls(), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the run set; there is no form."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = RunSet.objects.select_related("made_by")
        found = rows.filter(pk=row_number(object_id)).first()
        if found is None:
            answer: HttpResponse = self._get_obj_does_not_exist_redirect(
                request, self.opts, object_id
            )
            return answer
        return views.page(request, found)
