"""The table of main metrics, which Administrators edit."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registry_app.admin.fields import LinesField
from registry_app.admin.guarded import GuardedAdmin
from runs_app.models import MainMetric


@admin.register(MainMetric)
class MainMetricAdmin(GuardedAdmin):
    """A change lets the worker compute the summaries of the runs concerned again."""

    list_display = ("task", "first_names", "direction")
    list_display_links = ("task",)
    search_fields = ("task_type",)
    list_per_page = 50
    show_full_result_count = False
    fields = ("task_type", "names", "direction")

    @admin.display(description=_("task type"), ordering="task_type")
    def task(self, row: MainMetric) -> str:
        return str(row)

    @admin.display(description=_("names of metrics"))
    def first_names(self, row: MainMetric) -> str:
        few = ", ".join(map(str, row.names[:4]))
        return f"{few}, …" if len(row.names) > 4 else few

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **options: Any
    ) -> Any:
        if db_field.name != "names":
            return super().formfield_for_dbfield(db_field, request, **options)
        how = gettext("One a line.")
        return LinesField(
            label=capfirst(db_field.verbose_name),
            help_text=f"{db_field.help_text} {how}",
            required=True,
        )
