"""Machines that run scripts: which of them are alive."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from runs_app.choices import ON_HOST
from runs_app.models import HostHeartbeat, Run


@admin.register(HostHeartbeat)
class HostHeartbeatAdmin(ModelAdmin):
    """Read only: the worker writes these rows."""

    list_display = ("host", "alive", "tick_at", "busy_slots", "started_at")
    fields = ("host", "alive", "tick_at", "busy_slots", "started_at")
    readonly_fields = fields
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("host",)

    class Media:
        css: ClassVar = {"all": ["runs_app/runs.css"]}

    @admin.display(description=gettext_lazy("worker"))
    def alive(self, host: HostHeartbeat) -> SafeString:
        if host.is_alive():
            return format_html('<span class="gfr-badge gfr-good">{}</span>', _("alive"))
        return format_html('<span class="gfr-badge gfr-bad">{}</span>', _("no sign of life"))

    @admin.display(description=gettext_lazy("slots in use"))
    def busy_slots(self, host: Any) -> str:
        return f"{host.busy} / {host.slots}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[HostHeartbeat]:
        busy = (
            Run.objects.filter(host=OuterRef("host"), status__in=ON_HOST)
            .order_by()
            .values("host")
            .annotate(count=Count("pk"))
            .values("count")
        )
        hosts: QuerySet[HostHeartbeat] = super().get_queryset(request)
        return hosts.annotate(busy=Coalesce(Subquery(busy), 0))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: HostHeartbeat | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: HostHeartbeat | None = None) -> bool:
        return False
