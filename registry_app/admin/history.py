"""Versions of a row: listed and looked at. The way back is to undo a change set."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Field, Model
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from simple_history.admin import SimpleHistoryAdmin

from registry_app.changes.change_sets import name_of
from registry_app.row_numbers import row_number

TEMPLATE = "admin/registry_app/history_version.html"
# What the portal computes or counts by itself.
COMPUTED = frozenset(
    {"id", "completeness", "updated_at", "created_at", "scanned_at", "missing_since"}
)


@dataclass(frozen=True, kw_only=True)
class ShownField:
    """One field of a version: what it said then, and what it says now."""

    label: str
    then: str
    now: str

    @property
    def differs(self) -> bool:
        return self.then != self.now


class HistoryPages(SimpleHistoryAdmin):
    """A list of versions, and one page for each that only shows it.

    The library's page of a version is a form, and saves it for all who may view the row.
    """

    object_history_list_template = "admin/registry_app/history_list.html"

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        if not row_number(object_id):
            raise Http404
        answer: HttpResponse = super().history_view(request, object_id, extra_context)
        return answer

    @method_decorator(require_safe)
    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Show what a row said in one version, beside what it says now."""
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
            "title": _("Version of %(name)s") % {"name": name_of(record.instance)},
            "record": record,
            "is_gone": now is None,
            "fields": shown_fields(record.instance, now),
            "object_id": record.id,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, TEMPLATE, context)


def shown_fields(then: Model, now: Model | None) -> list[ShownField]:
    """Return every field that people decide; of a row that is gone nothing is said of now."""
    return [
        ShownField(
            label=str(capfirst(field.verbose_name)),
            then=_text(then, field),
            now=_text(now, field) if now is not None else "",
        )
        for field in then._meta.concrete_fields
        if field.name not in COMPUTED
    ]


def _text(row: Model, field: Field[Any, Any]) -> str:
    value = getattr(row, field.attname)
    if value is None or value in ("", [], {}):
        return ""
    if field.is_relation:
        name_of(row)  # finds parents that are gone
        return name_of(getattr(row, field.name))
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "\n".join(one if isinstance(one, str) else _json(one) for one in value)
    return _json(value) if isinstance(value, dict) else str(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
