"""Pages of change sets: what came through one door at one time, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from registry_app.admin.base import person
from registry_app.admin.guarded import GuardedAdmin
from registry_app.arguments.secret_text import masked
from registry_app.changes.change_sets import name_of
from registry_app.exceptions import RegistryError
from registry_app.models import ChangeSet, Customer, EntryPoint, Experiment, Site, Zone

TRACKED = (Experiment, EntryPoint, Customer, Site, Zone)
SHOWN_ROWS = 200
CURATE = "registry_app.change_experiment"


@dataclass(frozen=True, kw_only=True)
class ShownChange:
    """One row that a change set touched; `changes` holds (field, old, new)."""

    kind: str
    name: str
    verb: str
    changes: tuple[tuple[str, Any, Any], ...]


@admin.register(ChangeSet)
class ChangeSetAdmin(GuardedAdmin):
    """Read only: a change set is undone by another one, never edited."""

    list_display = ("__str__", "origin", "summary", "by", "at")
    list_filter = ("origin",)
    list_select_related = ("by",)
    list_per_page = 50
    search_fields = ("summary",)
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.undo_view)
        name = "registry_app_changeset_undo"
        urls: list[URLPattern] = super().get_urls()
        return [path("<row:pk>/undo/", view, name=name), *urls]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show every row that the change set touched."""
        change_set = self.get_object(request, object_id)
        if change_set is None:
            raise Http404
        if not self.has_view_permission(request, change_set):
            raise PermissionDenied
        rows = shown_changes(change_set)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(change_set),
            "change_set": change_set,
            "rows": rows[:SHOWN_ROWS],
            "left_out": max(0, len(rows) - SHOWN_ROWS),
            "may_undo": request.user.has_perm(CURATE) and bool(rows),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/registry_app/changeset/detail.html", context)

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Undo the change set; what was changed again since then is refused by name."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm(CURATE):
            raise PermissionDenied
        from registry_app.changes.undo import undo

        change_set = get_object_or_404(ChangeSet, pk=pk)
        try:
            undoing = undo(change_set, by=person(request))
        except RegistryError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(reverse("admin:registry_app_changeset_change", args=[pk]))
        messages.success(request, _("The change set was undone."))
        target = undoing.pk if isinstance(undoing, ChangeSet) else pk
        return HttpResponseRedirect(reverse("admin:registry_app_changeset_change", args=[target]))


def shown_changes(change_set: ChangeSet) -> list[ShownChange]:
    """Return what a change set did, row by row; only the shown ones are compared in full."""
    found: list[ShownChange] = []
    for model in TRACKED:
        kind = str(capfirst(model._meta.verbose_name))
        for record in model.history.filter(change_set=change_set).order_by("pk"):
            compare = len(found) < SHOWN_ROWS
            found.append(
                ShownChange(
                    kind=kind,
                    name=name_of(record.instance) if compare else "",
                    verb=str(record.get_history_type_display()),
                    changes=_differences(record) if compare else (),
                )
            )
    return found


def _differences(record: Any) -> tuple[tuple[str, Any, Any], ...]:
    before = record.prev_record
    if before is None or record.history_type != "~":
        return ()
    delta = record.diff_against(before, foreign_keys_are_objs=True, excluded_fields=COMPUTED)
    words = {
        field.name: capfirst(field.verbose_name) for field in type(record.instance)._meta.fields
    }
    marks = [one for row in (before, record) for one in getattr(row, "parameters", ())]
    return tuple(
        (
            words[change.field],
            masked(change.field, change.old, marks),
            masked(change.field, change.new, marks),
        )
        for change in delta.changes
    )


COMPUTED = (
    *("completeness", "updated_at", "created_at", "scanned_at", "missing_since", "change_set"),
)
