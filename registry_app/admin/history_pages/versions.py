"""Versions of a row: the list and the read-only pages. To revert, undo a change set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from simple_history.admin import SimpleHistoryAdmin

from registry_app.admin.history_pages.timeline import moments_of, shown_versions
from registry_app.admin.history_pages.values import COMPUTED, Names, text_of
from registry_app.admin.stale import Part, parts_of
from registry_app.row_numbers import row_number

TEMPLATE = "admin/registry_app/history_version.html"
LIST_TEMPLATE = "admin/registry_app/history_list.html"
PER_PAGE = 50


@dataclass(frozen=True, kw_only=True)
class ShownField:
    """One field of a version: its value then, and its value now."""

    label: str
    then: str
    now: str

    @property
    def differs(self) -> bool:
        return self.then != self.now


class HistoryPages(SimpleHistoryAdmin):
    """A list of versions, with a read-only page for each.

    The library's page of a version is a form, which any user with the view permission can save.
    """

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """List the versions of a row and of the rows that its page edits inline."""
        number = row_number(object_id)
        history: Any = self.model.history
        row = self.model._default_manager.filter(pk=number).first()
        if row is None:
            last = history.filter(id=number).order_by("history_id").last()
            if last is None:
                raise Http404
            row = last.instance
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        moments = Paginator(moments_of(self.model, number, self._parts()), PER_PAGE)
        page = moments.get_page(request.GET.get(PAGE_VAR))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("History of %(name)s") % {"name": Names().of_row(row)},
            "versions": shown_versions(list(page), self.model),
            "page_obj": page,
            "page_var": PAGE_VAR,
            "object": row,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, LIST_TEMPLATE, context)

    @method_decorator(require_safe)
    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Show the values of one version next to the present ones."""
        history: Any = self.model.history
        numbers = {"id": row_number(object_id), "history_id": row_number(version_id)}
        record = history.select_related("history_user", "change_set").filter(**numbers).first()
        if record is None:
            raise Http404
        if not self.has_view_permission(request, record.instance):
            raise PermissionDenied
        now = self.model._default_manager.filter(pk=record.id).first()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Version of %(name)s") % {"name": Names().of_row(record.instance)},
            "record": record,
            "is_gone": now is None,
            "fields": shown_fields(record.instance, now),
            "object_id": record.id,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, TEMPLATE, context)

    def _parts(self) -> tuple[Part, ...]:
        return parts_of(self.model, self.inlines)


def shown_fields(then: Model, now: Model | None) -> list[ShownField]:
    """Return every field that users decide; of a deleted row there are no present values."""
    names = Names()
    return [
        ShownField(
            label=str(capfirst(field.verbose_name)),
            then=text_of(then, field, names),
            now=text_of(now, field, names) if now is not None else "",
        )
        for field in then._meta.concrete_fields
        if field.name not in COMPUTED
    ]
