"""What all pages of the registry share: history with change sets, lists as lines of text."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.text import capfirst
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin

from registry_app.admin.fields import LinesField, ParametersField

LIST_FIELDS = {"classes": LinesField, "aliases": LinesField, "patterns": LinesField}


class ListsAsLines:
    """Mix into an admin or inline: JSON lists are edited one word a line."""

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **options: Any
    ) -> Any:
        if not isinstance(db_field, models.JSONField):
            return super().formfield_for_dbfield(db_field, request, **options)  # type: ignore[misc]
        field = LIST_FIELDS.get(db_field.name, ParametersField)
        return field(label=capfirst(db_field.verbose_name), help_text=db_field.help_text)


class RegistryAdmin(SimpleHistoryAdmin, ModelAdmin):
    """A page of the registry: who changed what is kept, and shown with its change set."""

    object_history_list_template = "admin/registry_app/history_list.html"
    list_per_page = 50
    show_full_result_count = False
    list_filter_submit = True
    list_fullwidth = True
    warn_unsaved_form = True
