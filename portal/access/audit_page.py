"""The audit page: read only, for users with the view permission."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from portal.access import audit
from portal.access.audit_events import Filters, Kind
from portal.models import AuditEntry
from registry_app.admin.guarded import GuardedAdmin

TEMPLATE = "admin/portal/auditentry/list.html"
MAX_NAME = 150
# Not every database accepts dates beyond these.
FIRST_YEAR, LAST_YEAR = 1970, 9000


@admin.register(AuditEntry)
class AuditAdmin(GuardedAdmin):
    """A page of events from several tables; rows of its own model have no pages."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Redirect to the list: an event has no page of its own."""
        return self._to_list(request)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Redirect to the list: an event never changes."""
        return self._to_list(request)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show events, newest first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        filters = _filters(request)
        page = audit.page_of(filters, begin=request.GET.get("begin", ""))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Audit"),
            "wanted": filters,
            "events": page.events,
            "kinds": _kinds(),
            "is_filtered": filters != Filters(),
            "is_later": bool(request.GET.get("begin")),
            "newest": f"?{urlencode(_query(filters))}",
            "older": f"?{urlencode({**_query(filters), 'begin': page.next})}" if page.next else "",
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, TEMPLATE, context)

    def _to_list(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:portal_auditentry_changelist"))


def _kinds() -> list[tuple[str, str]]:
    return [
        (Kind.LOG_IN, _("Log-ins")),
        (Kind.FAILURE, _("Failed log-ins")),
        (Kind.RIGHTS, _("Changes of rights")),
        (Kind.EXECUTES, _("Changes of what runs execute")),
    ]


def _filters(request: HttpRequest) -> Filters:
    """Read the filters; ignore an unknown kind or an invalid day."""
    kind = request.GET.get("kind", "")
    return Filters(
        who=request.GET.get("who", "").strip()[:MAX_NAME],
        kind=kind if kind in list(Kind) else "",
        since=_day(request.GET.get("since", "")),
        until=_day(request.GET.get("until", "")),
    )


def _day(text: str) -> date | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day is not None and FIRST_YEAR <= day.year <= LAST_YEAR else None


def _query(filters: Filters) -> dict[str, str]:
    query = {name: getattr(filters, name) for name in ("who", "kind", "since", "until")}
    return {name: str(value) for name, value in query.items() if value}
