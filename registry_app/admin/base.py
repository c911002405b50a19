"""What all pages of the registry share: history with change sets, lists as lines of text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
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

from registry_app.admin.details.pages import DetailPages
from registry_app.admin.fields import LinesField, ParametersField, VariablesField
from registry_app.admin.history_pages.versions import HistoryPages
from registry_app.admin.stale import SEEN, StaleGuardForm, mark_of
from registry_app.arguments.secret_text import masked
from registry_app.arguments.variables import to_lines
from registry_app.changes.change_sets import change_set
from registry_app.choices import ChangeOrigin
from registry_app.messages import Message, lines
from registry_app.row_numbers import row_number
from registry_app.schema.fields import LISTS, Field, FieldKind
from registry_app.schema.table import ENTRY_POINT_FIELDS, EXPERIMENT_FIELDS
from registry_app.texts.changes import ROWS

_FIELDS = (*EXPERIMENT_FIELDS, *ENTRY_POINT_FIELDS)
LIST_FIELDS = tuple(field.lookup for field in _FIELDS if field.kind in LISTS)
VARIABLE_FIELDS = tuple(field.lookup for field in _FIELDS if field.kind is FieldKind.VARIABLES)
# Users who may not edit these see them in a column of their own.
MASKED_FIELDS = tuple(
    field.lookup for field in _FIELDS if field.kind in {FieldKind.TEMPLATE, FieldKind.PARAMETERS}
)


def person(request: HttpRequest) -> User:
    """Return the user who is logged in; the admin admits no others."""
    return cast("User", request.user)


def _lines_of(value: Any) -> list[str]:
    """Return the words of a list, or variables as `NAME=value`."""
    return to_lines(value).splitlines() if isinstance(value, dict) else list(value or ())


def _as_lines(field: Field) -> Callable[[Any, Any], SafeString]:
    """Return a column that shows a list, one word a line, to users who may not edit it."""

    def lines(model_admin: Any, row: Any) -> SafeString:
        words = _lines_of(getattr(row, field.lookup)) or ["–"]
        return format_html_join(mark_safe("<br>"), "{}", ((word,) for word in words))

    lines.__name__ = f"{field.lookup}_lines"
    shown: Callable[[Any, Any], SafeString] = admin.display(description=field.column.verbose_name)(
        lines
    )
    return shown


def _masked(field: Field) -> Callable[[Any, Any], str]:
    """Return a column that shows a value, with secrets masked, to users who may not edit it."""

    def shown_masked(model_admin: Any, row: Any) -> str:
        value = masked(field.lookup, getattr(row, field.lookup), row.parameters)
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return text if value else "–"

    shown_masked.__name__ = f"{field.lookup}_masked"
    shown: Callable[[Any, Any], str] = admin.display(description=field.column.verbose_name)(
        shown_masked
    )
    return shown


class ListsAsLines:
    """Mixin for an admin or inline: edit and show JSON lists one word a line."""

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **options: Any
    ) -> Any:
        if not isinstance(db_field, models.JSONField):
            return super().formfield_for_dbfield(db_field, request, **options)  # type: ignore[misc]
        label = capfirst(db_field.verbose_name)
        how = gettext("One a line.")
        if db_field.name in VARIABLE_FIELDS:
            return VariablesField(label=label, help_text=f"{db_field.help_text} {how}")
        if db_field.name not in LIST_FIELDS:
            return ParametersField(label=label, help_text=db_field.help_text)
        return LinesField(label=label, help_text=f"{db_field.help_text} {how}")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)  # type: ignore[misc]
        if self._may_edit(request, obj):
            return fieldsets
        return [
            (title, {**options, "fields": _each_once(options["fields"])})
            for title, options in fieldsets
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = tuple(super().get_readonly_fields(request, obj))  # type: ignore[misc]
        own = {field.name for field in self.model._meta.get_fields()}  # type: ignore[attr-defined]
        names = (*LIST_FIELDS, *VARIABLE_FIELDS, *MASKED_FIELDS)
        shown = tuple(_shown(name) for name in names if name in own)
        return fields if self._may_edit(request, obj) else (*fields, *shown)

    def _may_edit(self, request: HttpRequest, obj: Any) -> bool:
        return obj is None or bool(self.has_change_permission(request, obj))  # type: ignore[attr-defined]


for _field in _FIELDS:
    if _field.lookup in (*LIST_FIELDS, *VARIABLE_FIELDS):
        setattr(ListsAsLines, f"{_field.lookup}_lines", _as_lines(_field))
    elif _field.lookup in MASKED_FIELDS:
        setattr(ListsAsLines, f"{_field.lookup}_masked", _masked(_field))


def _each_once(names: Iterable[Any]) -> tuple[Any, ...]:
    """Return the columns that show these fields; a page without fieldsets names both of a pair."""
    return tuple(dict.fromkeys(_shown(name) for name in names))


def _shown(name: Any) -> Any:
    if name in MASKED_FIELDS:
        return f"{name}_masked"
    return f"{name}_lines" if name in (*LIST_FIELDS, *VARIABLE_FIELDS) else name


class RegistryAdmin(HistoryPages, DetailPages):
    """Pages of the registry, with a history that shows who changed what in which change set."""

    form: Any = StaleGuardForm
    list_per_page = 50
    show_full_result_count = False
    list_filter_submit = True
    list_fullwidth = True
    warn_unsaved_form = True

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **options: Any
    ) -> HttpResponse:
        """Check permissions first: a user who may not save must not lock the database."""
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
        """Read the mark before the row, so that a save between the two is noticed."""
        request.seen_mark = self.seen_mark(object_id)  # type: ignore[attr-defined]
        return super().get_object(request, object_id, from_field)

    def seen_mark(self, object_id: str) -> str:
        """Return the mark of the version of a row that its page is made from."""
        number = row_number(object_id)
        return mark_of(self.model, number, self._parts()) if number else ""

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        context[SEEN] = getattr(request, "seen_mark", "")
        answer: HttpResponse = super().render_change_form(request, context, *args, **options)
        return answer

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with change_set(ChangeOrigin.ADMIN, by=person(request), summary=self._named(obj)):
            super().delete_model(request, obj)
            self.after_delete([obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        rows = list(queryset)
        names = lines(self._named(row) for row in rows)
        with change_set(ChangeOrigin.ADMIN, by=person(request), summary=names):
            super().delete_queryset(request, queryset)
            self.after_delete(rows)

    def after_delete(self, rows: Iterable[Any]) -> None:
        """Do what follows from the deletion of these rows, in the same change set."""

    def _as_change_set(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *args: Any, **options: Any
    ) -> HttpResponse:
        """Save everything of one form as one change set; an invalid form leaves none."""
        with change_set(ChangeOrigin.ADMIN, by=person(request)) as made:
            answer = view(request, *args, **options)
            saved = getattr(request, "saved_row", None)
            if saved is None:
                made.delete()
            else:
                made.summary = self._named(saved)
                made.save(update_fields=["summary"])
        return answer

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        request.saved_row = obj  # type: ignore[attr-defined]

    def _named(self, row: Any) -> Message:
        return ROWS[row._meta.model_name](name=str(row))
