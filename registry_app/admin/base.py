"""What all pages of the registry share: history with change sets, lists as lines of text."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registry_app.admin.fields import LinesField, ParametersField
from registry_app.admin.guarded import GuardedAdmin
from registry_app.admin.history import HistoryPages
from registry_app.admin.stale import SEEN, Part, StaleGuardForm, mark_of, parts_of
from registry_app.arguments.secret_text import masked
from registry_app.changes.change_sets import change_set
from registry_app.choices import ChangeOrigin
from registry_app.row_numbers import row_number

LIST_FIELDS = ("classes", "aliases", "patterns")
# Shown to those who may not edit them by a column of their own.
MASKED_FIELDS = ("args_template", "parameters")


def person(request: HttpRequest) -> User:
    """Return who is logged in; the admin lets nobody else this far."""
    return cast("User", request.user)


def _as_lines(name: str, description: Any) -> Callable[[Any, Any], SafeString]:
    """Return a column that shows a list one word a line, to those who may not edit it."""

    def lines(model_admin: Any, row: Any) -> SafeString:
        words = getattr(row, name)
        return format_html_join(mark_safe("<br>"), "{}", ((word,) for word in words or ["–"]))

    lines.__name__ = f"{name}_lines"
    shown: Callable[[Any, Any], SafeString] = admin.display(description=description)(lines)
    return shown


def _masked(name: str, description: Any) -> Callable[[Any, Any], str]:
    """Return a column that shows a value without its secrets, to those who may not edit it."""

    def shown_masked(model_admin: Any, row: Any) -> str:
        value = masked(name, getattr(row, name), row.parameters)
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return text if value else "–"

    shown_masked.__name__ = f"{name}_masked"
    shown: Callable[[Any, Any], str] = admin.display(description=description)(shown_masked)
    return shown


class ListsAsLines:
    """Mix into an admin or inline: JSON lists are edited, and shown, one word a line."""

    classes_lines = _as_lines("classes", _("classes"))
    aliases_lines = _as_lines("aliases", _("aliases"))
    patterns_lines = _as_lines("patterns", _("patterns"))
    args_template_masked = _masked("args_template", _("argument template"))
    parameters_masked = _masked("parameters", _("parameters"))

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **options: Any
    ) -> Any:
        if not isinstance(db_field, models.JSONField):
            return super().formfield_for_dbfield(db_field, request, **options)  # type: ignore[misc]
        label = capfirst(db_field.verbose_name)
        if db_field.name not in LIST_FIELDS:
            return ParametersField(label=label, help_text=db_field.help_text)
        how = gettext("One a line.")
        return LinesField(label=label, help_text=f"{db_field.help_text} {how}")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)  # type: ignore[misc]
        if self._may_edit(request, obj):
            return fieldsets
        return [
            (title, {**options, "fields": tuple(_shown(name) for name in options["fields"])})
            for title, options in fieldsets
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = tuple(super().get_readonly_fields(request, obj))  # type: ignore[misc]
        shown = tuple(_shown(name) for name in (*LIST_FIELDS, *MASKED_FIELDS))
        return fields if self._may_edit(request, obj) else (*fields, *shown)

    def _may_edit(self, request: HttpRequest, obj: Any) -> bool:
        return obj is None or bool(self.has_change_permission(request, obj))  # type: ignore[attr-defined]


def _shown(name: Any) -> Any:
    if name in MASKED_FIELDS:
        return f"{name}_masked"
    return f"{name}_lines" if name in LIST_FIELDS else name


class RegistryAdmin(HistoryPages, GuardedAdmin):
    """A page of the registry: who changed what is kept, and shown with its change set."""

    form: Any = StaleGuardForm
    list_per_page = 50
    show_full_result_count = False
    list_filter_submit = True
    list_fullwidth = True
    warn_unsaved_form = True

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **options: Any
    ) -> HttpResponse:
        """Refuse first: who may not save takes no lock on the database either."""
        view = super().changeform_view
        may_save = self.has_change_permission if object_id else self.has_add_permission
        if request.method != "POST":
            shown: HttpResponse = view(request, object_id, *args, **options)
            return shown
        if not may_save(request):
            raise PermissionDenied
        return self._as_change_set(request, view, object_id, *args, **options)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **options)
        form.parts = self._parts()
        return form

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Read the mark before the row: what is saved between the two is then noticed."""
        if number := row_number(object_id):
            request.seen_mark = mark_of(self.model, number, self._parts())  # type: ignore[attr-defined]
        return super().get_object(request, object_id, from_field)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        context[SEEN] = getattr(request, "seen_mark", "")
        answer: HttpResponse = super().render_change_form(request, context, *args, **options)
        return answer

    def _parts(self) -> tuple[Part, ...]:
        return parts_of(self.model, self.inlines)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with change_set(ChangeOrigin.ADMIN, by=person(request), summary=self._named(obj)):
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        names = ", ".join(self._named(row) for row in queryset)
        with change_set(ChangeOrigin.ADMIN, by=person(request), summary=names):
            super().delete_queryset(request, queryset)

    def _as_change_set(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *args: Any, **options: Any
    ) -> HttpResponse:
        """Let all that one form saves be one change set; a form with mistakes leaves none."""
        with change_set(ChangeOrigin.ADMIN, by=person(request)) as made:
            answer = view(request, *args, **options)
            saved = getattr(request, "saved_row", None)
            if saved is None:
                made.delete()
            else:
                made.summary = self._named(saved)[:400]
                made.save(update_fields=["summary"])
        return answer

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        request.saved_row = obj  # type: ignore[attr-defined]

    def _named(self, row: Any) -> str:
        return f"{row._meta.verbose_name} {row}"
