"""The list of runs behind the table: Django's, with sorting and conditions of its own.

It takes permissions, filters, search and actions from the ModelAdmin. A page reads the keys of its
rows from an index first and only these rows then, because rows of runs are wide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.contrib.admin.filters import SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.paginator import Paginator
from django.db import DataError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext

from registry_app.admin.guarded import GuardedList
from runs_app.admin.filters import DayRangeFilter
from runs_app.admin.list_address import SHOWN_BY, ListAddress
from runs_app.comparing.metric_names import short_name
from runs_app.lifecycle import without_worker
from runs_app.models import Run
from runs_app.views.table import columns, conditions, order, ready_views, selection
from runs_app.views.table.rows import RELATED, Row, common_metric, rows_of

PER_PAGE = 50
# Counting more matching rows than these would take longer than showing some of them.
MAX_COUNTED = 10_000
MIXED_PX = 134
# At this width and below the table fits next to the menu, on a screen of 1280 pixels.
FITS_PX = 960
# On the page of an experiment its table has no column for it.
EXPERIMENT_ID = "experiment__id__exact"
_OWN = (*SHOWN_BY, conditions.PARAM, *conditions.FORM)


@dataclass(frozen=True, kw_only=True)
class Chip:
    """An active filter in words, and the address without it."""

    title: str
    value: str
    without: str


@dataclass(frozen=True, kw_only=True)
class Head:
    """The head of a column; `address` sorts by it, '' if that makes no sense."""

    column: columns.Column
    label: str
    title: str
    width_px: int
    address: str = ""
    direction: str = ""


class RunList(ListAddress, GuardedList):
    """The runs that an address asks for.

    `request.run_scope` holds filters of the page that shows the table (an experiment's, say): they
    are applied, but neither named nor part of links. `request.run_rows` turns off the page itself
    where only the matching runs are wanted. `request.run_foreign` are parts of the address that
    belong to the page around the table.
    """

    def __init__(self, request: HttpRequest, *args: Any, **options: Any) -> None:
        self.scope: Mapping[str, str] = getattr(request, "run_scope", {})
        self.columns = columns.chosen(request.GET.getlist(columns.PARAM))
        self.order = order.Order.read(request.GET.get(order.PARAM, ""))
        try:
            self.conditions = conditions.read(request.GET)
        except ValueError as error:
            raise IncorrectLookupParameters(conditions.PARAM) from error
        self.request = request
        self.foreign: Mapping[str, list[str]] = getattr(request, "run_foreign", {})
        super().__init__(request, *args, **options)

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        found: dict[str, Any] = super().get_filters_params(params)
        return {key: value for key, value in found.items() if key not in _OWN}

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Run]:
        self.filtered: QuerySet[Run] = super().get_queryset(request, exclude_parameters)
        return selection.selected(self.filtered, self.conditions, self.order)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Run]) -> list[str]:
        return ["-pk"]

    def apply_select_related(self, queryset: QuerySet[Run]) -> QuerySet[Run]:
        return queryset.select_related(*RELATED)

    def get_results(self, request: HttpRequest) -> None:
        """Count the runs up to a limit, and fetch those of the page."""
        self.show_full_result_count = False
        self.show_admin_actions = True
        self.can_show_all = False
        self.paginator: Any = Paginator([], PER_PAGE)  # for templates of the theme alone
        self.result_list: Any = []
        self.result_count, self.has_more = 0, False
        if not getattr(request, "run_rows", True):
            return
        try:
            self._read()
            self.full_result_count = self.result_count  # else the head of the page names both
        except (DataError, OverflowError, ValueError) as error:
            raise IncorrectLookupParameters(str(error)) from error

    def _read(self) -> None:
        page = max(1, int(self.page_num))
        self.page_num: int = page
        first = (page - 1) * PER_PAGE
        keys = self._keys_from(first)
        self.has_more = len(keys) > PER_PAGE
        keys = keys[:PER_PAGE]
        found = self.apply_select_related(self.root_queryset.filter(pk__in=keys)).order_by()
        if without_worker.look_at(found):
            found = found.all()
        rows = {run.pk: run for run in found}
        self.result_list = [rows[key] for key in keys if key in rows]
        self.multi_page = self.has_more or page > 1

    def _keys_from(self, first: int) -> list[int]:
        """Return the keys of a page and, if there is another page, one more; count all.

        What a search or a condition finds is computed as a whole, so it is asked for once and
        counted here. An index answers all else for the page alone, and counts.
        """
        last = first + PER_PAGE + 1
        if (self.conditions or self.query) and last <= MAX_COUNTED + 1:
            found = selection.first_keys(
                self.filtered, self.conditions, self.order, MAX_COUNTED + 1
            )
            self.result_count = min(len(found), MAX_COUNTED)
            return found[first:last]
        keys = list(self.queryset.values_list("pk", flat=True)[first:last])
        is_all = first == 0 and len(keys) <= PER_PAGE
        self.result_count = len(keys) if is_all else self._count()
        return keys

    def _count(self) -> int:
        """Return how many runs match, at most `MAX_COUNTED`; all runs are counted by an index."""
        if not (self.active or self.query or self.scope or self.order.leaves_out):
            return Run.objects.count()
        return int(self.queryset.order_by().values("pk")[:MAX_COUNTED].count())

    @property
    def is_counted(self) -> bool:
        """Whether `result_count` is the whole number."""
        is_limited = self.active or self.query or self.scope or self.order.leaves_out
        return not is_limited or self.result_count < MAX_COUNTED

    @cached_property
    def rows(self) -> list[Row]:
        """The rows of the page."""
        return rows_of(self.result_list, self.columns)

    @cached_property
    def common_metric(self) -> str | None:
        """The main metric of all rows, None if they have different ones."""
        return common_metric(self.result_list)

    @property
    def list_address(self) -> str:
        """The address of the whole list, without filters."""
        return reverse("admin:runs_app_run_changelist")

    @cached_property
    def number_head(self) -> Head:
        """The head of the numbers."""
        return self._fixed_head("id")

    @cached_property
    def experiment_head(self) -> Head:
        """The head of the experiments."""
        return self._fixed_head("experiment")

    @property
    def fits(self) -> bool:
        """Whether the table needs no scrolling sideways on usual screens."""
        return self.least_width_px <= FITS_PX

    @cached_property
    def heads(self) -> list[Head]:
        """The heads of the chosen columns."""
        return [self._head(column) for column in self.columns]

    def _fixed_head(self, key: str) -> Head:
        return self._head(
            columns.Column(
                key=key, head="", place=columns.Place.ABOUT, css=key, width_px=0, sort=key
            )
        )

    def _head(self, column: columns.Column) -> Head:
        title = str(column.head)
        label = short_name(column.name) if column.key.startswith(columns.METRIC) else title
        width_px = column.width_px
        if column.key == "main" and self.common_metric:
            label = title = self.common_metric
        elif column.key == "main" and self.common_metric is None:
            width_px = MIXED_PX  # each row names its metric
        head = Head(column=column, label=label, title=title, width_px=width_px)
        if not column.sort:
            return head
        turned = self.order.turned(column.sort, downward=order.is_downward_first(column))
        direction = ""
        if self.order.key == column.sort:
            direction = "descending" if self.order.is_descending else "ascending"
        return replace(head, address=self.link(order.PARAM, turned.text), direction=direction)

    @property
    def least_width_px(self) -> int:
        """The width below which the table is scrolled sideways."""
        unseen_px = columns.EXPERIMENT_PX if EXPERIMENT_ID in self.scope else 0
        return columns.least_width_px(self.columns) - unseen_px

    @cached_property
    def chips(self) -> list[Chip]:
        """The active filters in words."""
        chips = [chip for spec in self.filter_specs if (chip := self._chip(spec)) is not None]
        for condition in self.conditions:
            left = [other.address for other in self.conditions if other is not condition]
            chips.append(
                Chip(title="", value=condition.text, without=self.link(conditions.PARAM, left))
            )
        if self.query:
            chips.append(
                Chip(title=gettext("Search"), value=self.query, without=self.link(SEARCH_VAR, ""))
            )
        return chips

    def _chip(self, spec: Any) -> Chip | None:
        if isinstance(spec, SimpleListFilter):
            value, name = spec.value(), str(spec.parameter_name)
            if not value or name in self.scope:
                return None
            shown = dict(spec.lookup_choices).get(value, value)
            without = self._address(self._parts(without=frozenset({name})))
            return Chip(title=capfirst(str(spec.title)), value=str(shown), without=without)
        if isinstance(spec, DayRangeFilter) and spec.used_parameters:
            days = [str(spec.day(which) or "") for which in ("from", "to")]
            names = frozenset(spec.expected_parameters())
            return Chip(
                title=capfirst(str(spec.title)),
                value=" – ".join(days),
                without=self._address(self._parts(without=names)),
            )
        return None

    @cached_property
    def tabs(self) -> list[ready_views.Tab]:
        """The ready-made views; with their counts, one query, on the page of all runs."""
        counted = {} if self.scope else ready_views.counts(Run.objects.all(), self.request.user)
        kept = {key: value for key, value in self._parts().items() if key == columns.PARAM}
        return [
            ready_views.Tab(
                label=view.label,
                count=counted.get(key),
                address=self._address({**kept, **view.filters}),
                is_current=ready_views.is_shown(view, self.active) and not self.query,
            )
            for key, view in ready_views.VIEWS.items()
        ]

    @cached_property
    def waiting_for_summary(self) -> int:
        """How many runs have no summary yet; 0, without a query, if no row of the page is among "
        "them."""
        is_news = any(not run.is_summarised and not run.is_active for run in self.result_list)
        return Run.objects.unsummarised().count() if is_news else 0

    @property
    def is_newest_first(self) -> bool:
        """Whether new runs would come first on this page."""
        return self.order == order.Order() and self.page_num == 1
