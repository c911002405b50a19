"""The page of the sync with the registry file: its state, and the questions that are open."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from registry_app.admin.base import person
from registry_app.admin.guarded import GuardedAdmin
from registry_app.admin.labels import field_label, words_of
from registry_app.arguments.secret_text import masked
from registry_app.exceptions import RegistryError
from registry_app.messages import plain
from registry_app.models import SyncedFile, SyncQuestion
from registry_app.reading import error_text, message_text
from registry_app.row_numbers import row_number
from registry_app.sync.answering import value_of
from registry_app.sync.chosen import place_name
from registry_app.sync.edits import edits_since
from registry_app.sync.identity import WORD
from registry_app.sync.objects import WHOLE, Side
from registry_app.sync.run import sync

TEMPLATE = "admin/registry_app/syncquestion/list.html"
SEE = "registry_app.view_experiment"
CURATE = "registry_app.change_experiment"
MOST_SHOWN = 200


@admin.register(SyncQuestion)
class SyncQuestionAdmin(GuardedAdmin):
    """One page: users who may view experiments see it, users who curate sync and answer."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(SEE)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(SEE)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Redirect to the list: a question has no page of its own."""
        return HttpResponseRedirect(_address())

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the open questions; a POST answers some of them, or syncs."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return self._page(request)
        if not request.user.has_perm(CURATE):
            raise PermissionDenied
        try:
            report = sync(by=person(request), answers=_answers(request))
        except RegistryError as error:
            messages.error(request, error_text(error))
            return self._page(request, status=409)
        if report.waits:
            messages.warning(request, _("The portal's changes wait on another branch: see below."))
        elif report.file_changed or report.portal_changed:
            messages.success(request, _("Synced: both sides have each other's changes."))
        else:
            messages.success(request, _("Synced: neither side has changed."))
        return HttpResponseRedirect(_address())

    def _page(self, request: HttpRequest, status: int = 200) -> HttpResponse:
        path = place_name()
        registry = SyncedFile.objects.filter(path=path).first()
        rows = (
            SyncQuestion.objects.filter(file=registry) if registry else SyncQuestion.objects.none()
        )
        context = {
            **self.admin_site.each_context(request),
            "title": _("Sync with the registry file"),
            "opts": self.opts,
            "path": path,
            "registry": registry,
            "problem": message_text(registry.problem) if registry and registry.problem else "",
            "remark": message_text(registry.remark) if registry and registry.remark else "",
            "edits": edits_since(registry.synced_at) if registry and registry.synced_at else 0,
            "questions": [_shown(row, request) for row in rows[:MOST_SHOWN]],
            "count": rows.count(),
            "may_answer": request.user.has_perm(CURATE),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, TEMPLATE, context, status=status)


def seen_of(row: SyncQuestion) -> str:
    """Return a digest of what the page shows of a question."""
    text = json.dumps([row.in_file, row.in_portal], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def _shown(row: SyncQuestion, request: HttpRequest) -> dict[str, Any]:
    file, portal = (masked(row.field, value) for value in (row.in_file, row.in_portal))
    return {
        "row": row,
        "label": _label(row),
        "file": words_of(file, portal),
        "portal": words_of(portal, file),
        "base": words_of(masked(row.field, row.base), None),
        "reason": message_text(row.reason) if row.reason else "",
        "takes_value": row.field != WHOLE,
        "seen": seen_of(row),
        "value": request.POST.get(f"value-{row.pk}", ""),
    }


def _label(row: SyncQuestion) -> str:
    is_of_word = row.key.startswith(WORD)
    if row.field == WHOLE:
        return _("the whole word") if is_of_word else _("the whole experiment")
    return field_label(f"vocabulary.{row.field}" if is_of_word else row.field)


def _answers(request: HttpRequest) -> dict[int, tuple[Side, Any]]:
    """Return the answers of a form: for the chosen questions, or for that of the button."""
    for side in Side:
        chosen = request.POST.get(side.value)
        if chosen is not None:
            numbers = request.POST.getlist("chosen") if chosen == "chosen" else [chosen]
            rows = SyncQuestion.objects.in_bulk([row_number(number) for number in numbers])
            if not rows:
                raise RegistryError(plain(_("Nothing was done: choose questions that are open.")))
            return {pk: (side, _value(request, side, row)) for pk, row in rows.items()}
    return {}


def _value(request: HttpRequest, side: Side, row: SyncQuestion) -> Any:
    if request.POST.get(f"seen-{row.pk}") != seen_of(row):
        text = _("{question} changed after you opened the page. Look at it once more.")
        raise RegistryError(plain(text.format(question=row)))
    return value_of(row, request.POST.get(f"value-{row.pk}", "")) if side is Side.VALUE else None


def _address() -> str:
    return reverse("admin:registry_app_syncquestion_changelist")
