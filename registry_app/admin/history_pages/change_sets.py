"""Pages of change sets: all changes of one submission, and their undo."""

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
from django.utils.translation import gettext_lazy

from registry_app.admin.base import person
from registry_app.admin.filters import ChangedSinceFilter, OthersFilter
from registry_app.admin.guarded import GuardedAdmin
from registry_app.admin.history_pages.confirmations import confirmations_of
from registry_app.admin.history_pages.values import Difference, Names, all_values, differences
from registry_app.exceptions import RegistryError
from registry_app.models import (
    ChangeSet,
    Customer,
    EntryPoint,
    Experiment,
    Site,
    VocabularyWord,
    Zone,
)
from registry_app.reading import error_text, message_text

TRACKED = (Experiment, EntryPoint, Customer, Site, Zone, VocabularyWord)
SHOWN_ROWS = 200
CURATE = "registry_app.change_experiment"


@dataclass(frozen=True, kw_only=True)
class ShownChange:
    """One row that a change set touched."""

    kind: str
    name: str
    verb: str
    changes: tuple[Difference, ...]


@admin.register(ChangeSet)
class ChangeSetAdmin(GuardedAdmin):
    """Read only: a change set is undone by another one, never edited."""

    list_display = ("__str__", "origin", "about", "by", "at")
    list_filter = ("origin", ChangedSinceFilter, OthersFilter)
    list_select_related = ("by",)
    list_per_page = 50
    search_fields = ("summary",)
    show_full_result_count = False

    @admin.display(description=gettext_lazy("summary"))
    def about(self, made: ChangeSet) -> str:
        return message_text(made.summary) if made.summary else ""

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
        rows = shall_values(change_set)
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
        """Undo the change set; refuse, by name, rows that were changed again since then."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm(CURATE):
            raise PermissionDenied
        from registry_app.changes.undo import undo

        change_set = get_object_or_404(ChangeSet, pk=pk)
        try:
            undoing = undo(change_set, by=person(request))
        except RegistryError as error:
            messages.error(request, error_text(error))
            return HttpResponseRedirect(reverse("admin:registry_app_changeset_change", args=[pk]))
        messages.success(request, _("The change set was undone."))
        target = undoing.pk if isinstance(undoing, ChangeSet) else pk
        return HttpResponseRedirect(reverse("admin:registry_app_changeset_change", args=[target]))


def shall_values(change_set: ChangeSet) -> list[ShownChange]:
    """Return the changes of a change set, row by row; only the shown ones are compared in full."""
    found: list[ShownChange] = []
    names = Names()
    for model in TRACKED:
        kind = str(capfirst(model._meta.verbose_name))
        for record in model.history.filter(change_set=change_set).order_by("pk"):
            compare = len(found) < SHOWN_ROWS
            found.append(
                ShownChange(
                    kind=kind,
                    name=names.of_row(record.instance) if compare else "",
                    verb=str(record.get_history_type_display()),
                    changes=_changes(record, names) if compare else (),
                )
            )
    kind = str(capfirst(Experiment._meta.verbose_name))
    found += [
        ShownChange(
            kind=kind,
            name=confirmation.experiment,
            verb=confirmation.verb,
            changes=confirmation.changes,
        )
        for confirmation in confirmations_of(change_set)
    ]
    return found


def _changes(record: Any, names: Names) -> tuple[Difference, ...]:
    if record.history_type == "+" and isinstance(record.instance, EntryPoint):
        return tuple(all_values(record, names))
    before = record.prev_record if record.history_type == "~" else None
    return tuple(differences(record, before, names)) if before is not None else ()
