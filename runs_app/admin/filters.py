"""Filters of the list of runs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.utils import parse_date_str

from registry_app.row_numbers import row_number
from runs_app.choices import ACTIVE, ENDED_BADLY
from runs_app.models import Run
from runs_app.views.form import AT_MOST, NUMBERS


class GroupFilter(admin.SimpleListFilter):
    """Runs that still do something, and those that ended badly."""

    title = _("group")
    parameter_name = "group"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("active", _("Active")), ("bad", _("Ended badly"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        if self.value() == "active":
            return queryset.filter(status__in=ACTIVE)
        if self.value() == "bad":
            return queryset.filter(status__in=ENDED_BADLY)
        return queryset


# Years whose days are days of every time zone and database.
FIRST_YEAR, LAST_YEAR = 1900, 9000


class NumberFilter(admin.SimpleListFilter):
    """Runs of these numbers, as the form in which many were queued leads to them."""

    title = _("number")
    parameter_name = NUMBERS

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        said = self.value()
        return [(said, ", ".join(f"#{one}" for one in _numbers(said)))] if said else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        said = self.value()
        return queryset.filter(pk__in=_numbers(said)) if said else queryset


def _numbers(said: str) -> list[int]:
    return [row_number(one) for one in said.split(",")[:AT_MOST]]


class DayRangeFilter(RangeDateFilter):
    """From the first moment of one day to the last of another, in the reader's time zone."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        first, last = self._day("from"), self._day("to")
        if first is not None:
            queryset = queryset.filter(**{f"{self.parameter_name}__gte": _midnight(first)})
        if last is not None:
            end = _midnight(last + timedelta(days=1))
            queryset = queryset.filter(**{f"{self.parameter_name}__lt": end})
        return queryset

    def _day(self, which: str) -> date | None:
        said = self.used_parameters.get(f"{self.parameter_name}_{which}")
        if not said:
            return None
        found: date | None = parse_date_str(said)
        if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise IncorrectLookupParameters(said)
        return found


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001
