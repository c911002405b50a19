"""Filters of the list of experiments; each costs one query however long the list is."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter

from registry_app.models import Customer, Experiment, Proposal, Site
from registry_app.row_numbers import row_number

Experiments = QuerySet[Experiment]


class CustomerFilter(DropdownFilter):
    title = gettext_lazy("customer")
    parameter_name = "customer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(row.pk), str(row)) for row in Customer.objects.all()]

    def queryset(self, request: HttpRequest, queryset: Experiments) -> Experiments:
        number = row_number(self.value() or "")
        return queryset.filter(zone__site__customer=number) if number else queryset


class SiteFilter(DropdownFilter):
    title = gettext_lazy("site")
    parameter_name = "site"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(row.pk), str(row)) for row in Site.objects.select_related("customer")]

    def queryset(self, request: HttpRequest, queryset: Experiments) -> Experiments:
        number = row_number(self.value() or "")
        return queryset.filter(zone__site=number) if number else queryset


class TaskFilter(DropdownFilter):
    title = gettext_lazy("task type")
    parameter_name = "task"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        tasks = Experiment.objects.order_by("task_type").values_list("task_type", flat=True)
        return [(task, task) for task in tasks.distinct() if task]

    def queryset(self, request: HttpRequest, queryset: Experiments) -> Experiments:
        return queryset.filter(task_type=self.value()) if self.value() else queryset


class CompletenessFilter(DropdownFilter):
    title = gettext_lazy("completeness")
    parameter_name = "complete"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("Complete")), ("no", _("Something is missing"))]

    def queryset(self, request: HttpRequest, queryset: Experiments) -> Experiments:
        if self.value() == "yes":
            return queryset.filter(completeness=100)
        return queryset.filter(completeness__lt=100) if self.value() == "no" else queryset


class AttentionFilter(DropdownFilter):
    title = gettext_lazy("needs a look")
    parameter_name = "look"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("missing", _("Directory not found")), ("proposals", _("Open proposals"))]

    def queryset(self, request: HttpRequest, queryset: Experiments) -> Experiments:
        if self.value() == "missing":
            return queryset.filter(missing_since__isnull=False)
        if self.value() == "proposals":
            return queryset.filter(pk__in=Proposal.objects.open().values("experiment"))
        return queryset
