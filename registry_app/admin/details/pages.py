"""The page of a row: what is known of it, without a form.

`/change/` stays the form. Users who may view a row but not change it are redirected from the form
to its page, so that no user meets a form that cannot be sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from registry_app.admin.details.edits import edits_of
from registry_app.admin.details.events import Source, merged, moment_of
from registry_app.admin.guarded import GuardedAdmin, GuardedList
from registry_app.admin.stale import parts_of


class DetailList(GuardedList):
    """A list whose rows link to their pages instead of their forms."""

    def url_for_result(self, result: Any) -> str:
        return detail_address(result)


class DetailPages(GuardedAdmin):
    """A page for each row of a model; a subclass names its template and adds to its context."""

    detail_template: ClassVar[str] = ""

    def get_urls(self) -> list[URLPattern]:
        pages = {"": ("detail", self.detail_view), "timeline/": ("timeline", self.timeline_view)}
        own = [
            path(
                f"<row:pk>/{route}",
                self.admin_site.admin_view(view),
                name=_name_of(self.opts, name),
            )
            for route, (name, view) in pages.items()
        ]
        urls: list[URLPattern] = super().get_urls()
        return [*own, *urls]

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return DetailList

    def detail_rows(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows with all that the page shows of one; a subclass joins more to them."""
        rows: QuerySet[Any] = self.get_queryset(request)
        return rows

    def detail_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Return what the template shows besides the frame; a subclass adds to it."""
        return {}

    def timeline_sources(self, request: HttpRequest, row: Any) -> Sequence[Source]:
        """Return what the timeline of a row is made of; a subclass adds to it."""
        return [edits_of(self.model, row.pk, parts_of(self.model, self.inlines))]

    @method_decorator(require_safe)
    def detail_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what is known of one row."""
        row = self._row_to_read(request, self.detail_rows(request), pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": str(row),
            "list_address": self._kept(request, reverse(f"admin:{_name_of(self.opts)}")),
            "form_address": self._form_address(request, row),
            "history_address": reverse(f"admin:{_name_of(self.opts, 'history')}", args=[pk]),
            "timeline_address": reverse(f"admin:{_name_of(self.opts, 'timeline')}", args=[pk]),
            **self.detail_context(request, row),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, self.detail_template, context)

    @method_decorator(require_safe)
    def timeline_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what happened to a row; with `part` in the URL, only the entries."""
        row = self._row_to_read(request, self.model._default_manager.all(), pk)
        timeline = merged(
            self.timeline_sources(request, row), moment_of(request.GET.get("before", ""))
        )
        context: dict[str, Any] = {"timeline": timeline, "original": row, "opts": self.opts}
        context["may_undo"] = request.user.has_perm("registry_app.change_experiment")
        request.current_app = self.admin_site.name
        if "part" in request.GET:
            return TemplateResponse(request, "admin/registry_app/_timeline.html", context)
        title = _("What happened to %(name)s") % {"name": row}
        context |= {**self.admin_site.each_context(request), "title": title}
        return TemplateResponse(request, "admin/registry_app/timeline.html", context)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **options: Any
    ) -> HttpResponse:
        """Redirect users who may view a row but not change it from its form to its page."""
        if object_id and request.method in {"GET", "HEAD"}:
            row = self.get_object(request, object_id)
            may_change = row is None or self.has_change_permission(request, row)
            if not may_change and self.has_view_permission(request, row):
                return HttpResponseRedirect(self._kept(request, detail_address(row)))
        answer: HttpResponse = super().changeform_view(request, object_id, *args, **options)
        return answer

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Show the row as it was saved."""
        return HttpResponseRedirect(self._kept(request, detail_address(obj)))

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self.response_post_save_change(request, obj)

    def _row_to_read(self, request: HttpRequest, rows: QuerySet[Any], pk: int) -> Any:
        """Return the row; raise Http404 or PermissionDenied."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = rows.filter(pk=pk).first()
        if row is None:
            raise Http404
        return row

    def _form_address(self, request: HttpRequest, row: Any) -> str:
        """Return the URL of the form, '' for users who may not change the row."""
        if not self.has_change_permission(request, row):
            return ""
        page = reverse(f"admin:{_name_of(self.opts, 'change')}", args=[row.pk])
        return self._kept(request, page)

    def _kept(self, request: HttpRequest, address: str) -> str:
        """Return a URL that remembers the filters of the list that the user comes from."""
        filters = self.get_preserved_filters(request)
        kept = add_preserved_filters({"preserved_filters": filters, "opts": self.opts}, address)
        return str(kept)


def detail_address(row: Any) -> str:
    """Return the URL of the page of a row whose model has one."""
    return reverse(f"admin:{_name_of(row._meta, 'detail')}", args=[row.pk])


def _name_of(opts: Any, page: str = "changelist") -> str:
    return f"{opts.app_label}_{opts.model_name}_{page}"
