"""The base of every admin page: hostile URLs and forms get an answer, never a 500.

A URL may name any row, look-up or value. Look-ups that the pages do not offer are refused, and a
key that no row can have is treated as unknown.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django.contrib import admin
from django.contrib.admin import FieldListFilter, SimpleListFilter
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import FieldDoesNotExist
from django.db import DataError, models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from unfold.admin import ModelAdmin, checkbox
from unfold.templatetags import unfold_list
from unfold.views import ChangeList as UnfoldChangeList

from registry_app.row_numbers import row_number

logger = logging.getLogger(__name__)

_KEY = "key-of-the-row"


def _once(make_heads: Callable[[ChangeList], Iterable[Any]]) -> Callable[[ChangeList], list[Any]]:
    """Return a function that makes the heads of a list once."""

    def heads_of(cl: ChangeList) -> list[Any]:
        if "made_heads" not in cl.__dict__:
            cl.__dict__["made_heads"] = list(make_heads(cl))
        heads: list[Any] = cl.__dict__["made_heads"]
        return heads

    return heads_of


# The theme makes all heads again for each row, for their texts alone: a sixth of a page.
unfold_list.result_headers = _once(unfold_list.result_headers)


class GuardedList(UnfoldChangeList):
    """A list that treats a look-up or value it does not offer like an unknown filter."""

    def get_filters(self, request: HttpRequest) -> Any:
        for lookup, values in self.get_filters_params().items():
            if not all(self.model_admin.lookup_allowed(lookup, value, request) for value in values):
                raise IncorrectLookupParameters(lookup)
        return super().get_filters(request)

    def get_results(self, request: HttpRequest) -> None:
        """Count and select the rows; a value that cannot be compared is no filter."""
        try:
            super().get_results(request)
        except (DataError, OverflowError, ValueError) as error:
            logger.warning("refused a filter of %s: %s", request.path, error)
            raise IncorrectLookupParameters(str(error)) from error


class GuardedAutocomplete(AutocompleteSelect):
    """An autocomplete that shows the chosen row again, if its key is valid."""

    def format_value(self, value: Any) -> list[str]:
        chosen = super().format_value(value) or []
        return [choice for choice in chosen if row_number(str(choice))]


class GuardedAdmin(ModelAdmin):
    """The base of every page of the admin, of all apps."""

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return GuardedList

    @admin.display(description=ModelAdmin.action_checkbox.short_description)
    def action_checkbox(self, obj: Any) -> SafeString:
        """Return the box that ticks a row; a template for each row would take a tenth of a page."""
        return mark_safe(_tick(get_language() or "").replace(_KEY, escape(str(obj.pk))))  # noqa: S308

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Whether a filter of the list offers this look-up, with a valid key.

        Django allows every look-up on the model's own columns, `path__regex` too, and SQLite runs
        a regular expression inside this process.
        """
        offered = _offered(self, request)
        if lookup not in offered:
            return False
        key = getattr(offered[lookup], "target_field", None)
        return key is None or not lookup.endswith("__exact") or _can_be(key, value)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Return the row of a key, or None; an unknown field name finds nothing."""
        return super().get_object(request, object_id, from_field or None)

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Carry out the chosen action; ignore selected keys that no row can have."""
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        usable = [key for key in chosen if _can_be(self.opts.pk, key)]
        if usable != chosen:
            post = request.POST.copy()
            post.setlist(ACTION_CHECKBOX_NAME, usable)
            request.POST = post  # type: ignore[assignment]
        answer: HttpResponse | None = super().response_action(request, queryset)
        return answer

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **options: Any
    ) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            widget = GuardedAutocomplete(db_field, self.admin_site, using=options.get("using"))
            options.setdefault("widget", widget)
        return super().formfield_for_foreignkey(db_field, request, **options)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return the initial values from the URL; skip keys that no row can have."""
        initial = super().get_changeform_initial_data(request)
        return {name: value for name, value in initial.items() if self._can_be_filled(name, value)}

    def _can_be_filled(self, name: str, value: Any) -> bool:
        try:
            field = self.opts.get_field(name)
        except FieldDoesNotExist:
            return True
        if not field.is_relation:
            return True
        keys = value if isinstance(value, list) else [value]
        target = getattr(field, "target_field", None)
        return target is not None and all(_can_be(target, key) for key in keys)


@cache
def _tick(language: str) -> str:
    """Return the theme's box in front of a row, in a language, with `_KEY` in place of its key."""
    return str(checkbox.render(ACTION_CHECKBOX_NAME, _KEY))


def _offered(model_admin: ModelAdmin, request: HttpRequest) -> dict[str, Any]:
    """Return the query parameters of a list's filters, each with its field."""
    names: dict[str, Any] = {}
    for item in model_admin.get_list_filter(request):
        if isinstance(item, type) and issubclass(item, SimpleListFilter):
            names[str(item.parameter_name)] = None
            continue
        path, kind = item if isinstance(item, (list, tuple)) else (item, FieldListFilter.create)
        field = get_fields_from_path(model_admin.model, path)[-1]
        made = kind(field, request, {}, model_admin.model, model_admin, field_path=path)
        names |= dict.fromkeys(made.expected_parameters(), field)
    return names


def _can_be(key: Any, text: str) -> bool:
    """Whether a text is a possible key of a row."""
    return not isinstance(key, models.IntegerField) or row_number(text) > 0
