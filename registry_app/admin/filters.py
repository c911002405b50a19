"""Filters of the list of experiments; each costs one query, however long the list is."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter

from registry_app.admin.details.events import moment_of
from registry_app.fields.confirmation import experiments_to_read
from registry_app.models import Customer, Experiment, Proposal, Site, Zone
from registry_app.row_numbers import row_number

Experiments = QuerySet[Experiment]


# In place of a number or a name: experiments that have none.
NONE = "-"


class SinceFilter(SimpleListFilter):
    """Rows whose `column` is later than a moment; other pages link here, and no list offers it."""

    column = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        moment = moment_of(self.value() or "")
        if moment is None:
            return []
        return [(str(self.value()), timezone.localtime(moment).strftime("%Y-%m-%d %H:%M"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        moment = moment_of(self.value() or "")
        return queryset.filter(**{f"{self.column}__gt": moment}) if moment else queryset


class NewSinceFilter(SinceFilter):
    title = gettext_lazy("new since")
    parameter_name = "new_since"
    column = "created_at"


class ChangedSinceFilter(SinceFilter):
    title = gettext_lazy("since")
    parameter_name = "since"
    column = "at"


class OthersFilter(SimpleListFilter):
    """Change sets of other users, of scans and of commands."""

    title = gettext_lazy("by others")
    parameter_name = "others"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Not by me"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.exclude(by=request.user.pk) if self.value() == "yes" else queryset


class CustomerFilter(DropdownFilter):
    title = gettext_lazy("customer")
    parameter_name = "customer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(row.pk), str(row)) for row in Customer.objects.all()]

    def queryset(self, request: HttpRequest, queryset: Experiments) -> Experiments:
        if self.value() == NONE:
            return queryset.filter(zone=None)
        number = row_number(self.value() or "")
        return queryset.filter(zone__site__customer=number) if number else queryset


class SiteFilter(DropdownFilter):
    title = gettext_lazy("site")
    parameter_name = "site"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(row.pk), str(row)) for row in Site.objects.select_related("customer")]

    def queryset(self, request: HttpRequest, queryset: Experiments) -> Experiments:
        if self.value() == NONE:
            return queryset.filter(zone=None)
        number = row_number(self.value() or "")
        return queryset.filter(zone__site=number) if number else queryset


class ZoneFilter(SimpleListFilter):
    """Experiments of one zone; pages of zones link here, and the list offers only that one."""

    title = gettext_lazy("zone")
    parameter_name = "zone"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        number = row_number(self.value() or "")
        rows = Zone.objects.select_related("site__customer").filter(pk=number) if number else []
        return [(str(row.pk), str(row)) for row in rows]

    def queryset(self, request: HttpRequest, queryset: Experiments) -> Experiments:
        number = row_number(self.value() or "")
        return queryset.filter(zone=number) if number else queryset


class TaskFilter(DropdownFilter):
    title = gettext_lazy("task type")
    parameter_name = "task"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        tasks = Experiment.objects.order_by("task_type").values_list("task_type", flat=True)
        return [(task or NONE, task or _("unknown")) for task in tasks.distinct()]

    def queryset(self, request: HttpRequest, queryset: Experiments) -> Experiments:
        if self.value() == NONE:
            return queryset.filter(task_type="")
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


class ArchivedFilter(DropdownFilter):
    """Hides archived experiments unless they are asked for."""

    title = gettext_lazy("archived")
    parameter_name = "archived"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("Archived only"))]

    def queryset(self, request: HttpRequest, queryset: Experiments) -> Experiments:
        return queryset.filter(archived_at__isnull=self.value() != "yes")


class AttentionFilter(DropdownFilter):
    title = gettext_lazy("needs attention")
    parameter_name = "look"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("missing", _("Directory not found")),
            ("proposals", _("Open proposals")),
            ("guesses", _("Guesses to confirm")),
            ("commands", _("Commands to read")),
        ]

    def queryset(self, request: HttpRequest, queryset: Experiments) -> Experiments:
        if self.value() == "missing":
            return queryset.filter(missing_since__isnull=False)
        if self.value() == "proposals":
            return queryset.filter(pk__in=Proposal.objects.open().values("experiment"))
        if self.value() == "guesses":
            return queryset.filter(confirmed__lt=F("completeness"))
        if self.value() == "commands":
            return queryset.filter(pk__in=experiments_to_read())
        return queryset
