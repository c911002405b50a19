"""Filters of the list of runs, in its address; most are links of tabs and other pages.

A filter lists its choices only for the form that offers them: the page itself needs the name of
the chosen one alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.utils import parse_date_str

from registry_app.admin.filters import SinceFilter
from registry_app.choices import EntryPointType
from registry_app.messages import TEXTS
from registry_app.models import Customer, Experiment, Site, Zone
from registry_app.row_numbers import row_number
from runs_app.choices import ACTIVE, ENDED_BADLY, ON_HOST, MlflowState, RunStatus
from runs_app.models import Run
from runs_app.overview.failures import THIS_WEEK, UNKNOWN, WEEK, WEEK_BEFORE, label_of
from runs_app.views.form import NUMBERS
from runs_app.views.form_selection import AT_MOST

MAX_CHOICES = 500


class ListedFilter(admin.SimpleListFilter):
    """A filter whose choices are listed for the form of filters, `request.offers_filters`."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        if getattr(request, "offers_filters", False):
            return list(self.choices_offered())
        value = self.value()
        if not value:
            return []
        # A list without rows shows no names, nor does a page about this very row.
        is_named = getattr(request, "run_rows", True) and self.parameter_name not in getattr(
            request, "run_scope", {}
        )
        return [(value, self.name_of(value) if is_named else value)]

    def choices_offered(self) -> Iterable[tuple[str, Any]]:
        """Return all choices with their names."""
        raise NotImplementedError

    def name_of(self, value: str) -> Any:
        """Return the name of a choice, or the value itself if there is no such choice."""
        return next((name for key, name in self.choices_offered() if key == value), value)


class FixedFilter(ListedFilter):
    """A filter of one column of the run by words that never change."""

    words: ClassVar[Iterable[tuple[str, Any]]] = ()

    def choices_offered(self) -> Iterable[tuple[str, Any]]:
        return self.words

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        value, column = self.value(), str(self.parameter_name)
        return queryset.filter(**{column: value}) if value else queryset


class StatusFilter(FixedFilter):
    title = _("status")
    parameter_name = "status__exact"
    words = RunStatus.choices


class TypeFilter(FixedFilter):
    title = _("type")
    parameter_name = "type__exact"
    words = EntryPointType.choices


class MlflowFilter(FixedFilter):
    title = _("MLflow state")
    parameter_name = "mlflow_state__exact"
    words = MlflowState.choices


class GroupFilter(FixedFilter):
    """Runs in one of several states, and the best ones."""

    title = _("group")
    parameter_name = "group"
    words = (
        ("active", _("Active")),
        ("running", _("Running")),
        ("waiting", _("Waiting")),
        ("later", _("Waiting for a set time")),
        ("bad", _("Ended badly")),
        ("best", _("Best of experiment and data")),
    )

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        value = self.value()
        states = {"active": ACTIVE, "running": ON_HOST, "bad": ENDED_BADLY}
        if value in states:
            return queryset.filter(status__in=sorted(states[value]))
        if value == "waiting":
            return queryset.filter(status=RunStatus.QUEUED)
        if value == "later":
            return queryset.filter(status=RunStatus.QUEUED, not_before__gt=timezone.now())
        return queryset.filter(is_best=True) if value == "best" else queryset


class EndedFilter(FixedFilter):
    """Runs that ended within the last day, week or four weeks, or in the week before the last."""

    title = _("ended")
    parameter_name = "ended"
    words = (
        ("day", _("in the last 24 hours")),
        (THIS_WEEK, _("in the last 7 days")),
        (WEEK_BEFORE, _("in the 7 days before")),
        ("month", _("in the last 4 weeks")),
    )

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        spans = {
            "day": timedelta(days=1),
            THIS_WEEK: WEEK,
            WEEK_BEFORE: 2 * WEEK,
            "month": 4 * WEEK,
        }
        value, now = self.value() or "", timezone.now()
        if value not in spans:
            return queryset
        if value == WEEK_BEFORE:
            queryset = queryset.filter(finished_at__lt=now - WEEK)
        return queryset.filter(finished_at__gte=now - spans[value])


class CauseFilter(ListedFilter):
    """Failed runs by the code of their cause, or those of an unknown one."""

    title = _("cause")
    parameter_name = "cause"

    def choices_offered(self) -> Iterable[tuple[str, Any]]:
        codes = Run.objects.filter(status=RunStatus.FAILED, finished_at__isnull=False)
        since = timezone.now() - 4 * WEEK
        found = codes.filter(finished_at__gte=since).values_list("cause__code", flat=True)
        codes_found = sorted({code for code in found if code})
        return [(code, self.name_of(code)) for code in (UNKNOWN, *codes_found)]

    def name_of(self, value: str) -> Any:
        """Return the sentence of a cause without its values."""
        if value == UNKNOWN:
            return label_of("")
        try:
            return re.sub(r"\{\w+\}", "…", gettext(TEXTS[value].english))
        except KeyError:
            return value

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        value = self.value()
        if not value:
            return queryset
        failed = queryset.filter(status__in=sorted(ENDED_BADLY))
        return failed.filter(cause={}) if value == UNKNOWN else failed.filter(cause__code=value)


class WhoFilter(ListedFilter):
    """Runs that one user queued; `me` is the current user, so that the link can be shared."""

    title = _("queued by")
    parameter_name = "who"

    def choices_offered(self) -> Iterable[tuple[str, Any]]:
        users = User.objects.filter(is_active=True).order_by("username")[:MAX_CHOICES]
        return [("me", _("me")), *((str(user.pk), str(user)) for user in users)]

    def name_of(self, value: str) -> Any:
        if value == "me":
            return _("me")
        user = User.objects.filter(pk=row_number(value)).first()
        return str(user) if user else value

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        value = self.value()
        if not value:
            return queryset
        return queryset.filter(queued_by=request.user.pk if value == "me" else row_number(value))


class OfExperiments(ListedFilter):
    """Runs of the experiments that have a row of `model`; its lookup from an experiment."""

    model: type[Model]
    of_experiment = ""

    def choices_offered(self) -> Iterable[tuple[str, Any]]:
        return [(str(row.pk), str(row)) for row in self.rows()[:MAX_CHOICES]]

    def name_of(self, value: str) -> Any:
        row = self.rows().filter(pk=row_number(value)).first()
        return str(row) if row else value

    def rows(self) -> QuerySet[Any]:
        """Return the rows to choose from, with what their names need."""
        return self.model._default_manager.all()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        value = self.value()
        if not value:
            return queryset
        experiments = Experiment.everything.filter(**{self.of_experiment: row_number(value)})
        return queryset.filter(experiment__in=experiments.order_by().values("pk"))


class ExperimentFilter(OfExperiments):
    title = _("experiment")
    parameter_name = "experiment__id__exact"
    model = Experiment

    def rows(self) -> QuerySet[Any]:
        return Experiment.everything.all()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        value = self.value()
        return queryset.filter(experiment=row_number(value)) if value else queryset


class CustomerFilter(OfExperiments):
    title = _("customer")
    parameter_name = "customer"
    model, of_experiment = Customer, "zone__site__customer"


class SiteFilter(OfExperiments):
    title = _("site")
    parameter_name = "site"
    model, of_experiment = Site, "zone__site"

    def rows(self) -> QuerySet[Any]:
        return Site.objects.select_related("customer")


class ZoneFilter(OfExperiments):
    title = _("zone")
    parameter_name = "zone"
    model, of_experiment = Zone, "zone"

    def rows(self) -> QuerySet[Any]:
        return Zone.objects.select_related("site__customer")


class TaskFilter(ListedFilter):
    """Runs of experiments with one task type."""

    title = _("task type")
    parameter_name = "task"

    def choices_offered(self) -> Iterable[tuple[str, Any]]:
        tasks = Experiment.everything.order_by("task_type").values_list("task_type", flat=True)
        return [(task, task) for task in tasks.distinct()[:MAX_CHOICES] if task]

    def name_of(self, value: str) -> Any:
        return value

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        value = self.value()
        if not value:
            return queryset
        experiments = Experiment.everything.order_by().filter(task_type=value)
        return queryset.filter(experiment__in=experiments.values("pk"))


class EndedSinceFilter(SinceFilter):
    """Runs that ended since a moment."""

    title = _("ended since")
    parameter_name = "ended_since"
    column = "finished_at"


# Years that are valid in every time zone and database.
FIRST_YEAR, LAST_YEAR = 1900, 9000


class NumberFilter(admin.SimpleListFilter):
    """Runs with these numbers; the form links here after it has queued several."""

    title = _("number")
    parameter_name = NUMBERS

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        value = self.value()
        return [(value, ", ".join(f"#{number}" for number in _numbers(value)))] if value else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        value = self.value()
        return queryset.filter(pk__in=_numbers(value)) if value else queryset


def _numbers(value: str) -> list[int]:
    return [row_number(part) for part in value.split(",")[:AT_MOST]]


class DayRangeFilter(RangeDateFilter):
    """From the first moment of one day to the last of another, in the reader's time zone."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        first, last = self.day("from"), self.day("to")
        if first is not None:
            queryset = queryset.filter(**{f"{self.parameter_name}__gte": _midnight(first)})
        if last is not None:
            end = _midnight(last + timedelta(days=1))
            queryset = queryset.filter(**{f"{self.parameter_name}__lt": end})
        return queryset

    def day(self, which: str) -> date | None:
        """Return the first (`from`) or last (`to`) day, None if it is not limited."""
        value = self.used_parameters.get(f"{self.parameter_name}_{which}")
        if not value:
            return None
        found: date | None = parse_date_str(value)
        if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise IncorrectLookupParameters(value)
        return found


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001
