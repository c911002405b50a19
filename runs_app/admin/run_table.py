"""The table of runs inside another page: of an experiment, a site, a customer or a zone."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR
from django.http import HttpRequest, QueryDict
from django.utils.http import urlencode

from runs_app.admin.list_address import SHOWN_BY
from runs_app.admin.run_list import EXPERIMENT_ID, MAX_COUNTED, Chip, RunList
from runs_app.models import Run
from runs_app.views.table import conditions

# What the table on another page takes of that page's address.
_OF_PAGE = (*SHOWN_BY, conditions.PARAM, *conditions.FORM, PAGE_VAR, SEARCH_VAR)
# Of an empty list; each costs a query.
MAX_LOOSENED = 3
_FILTERS = {
    "experiment": EXPERIMENT_ID,
    "site": "site",
    "customer": "customer",
    "zone": "zone",
}


def list_of(request: HttpRequest, query: QueryDict, **marks: Any) -> RunList:
    """Return the list of runs for a query; `marks` are set on the request, see `RunList`.

    Raises IncorrectLookupParameters.
    """
    asked = copy(request)
    asked.GET = query  # type: ignore[assignment]
    for name, value in marks.items():
        setattr(asked, name, value)
    model_admin: Any = admin.site.get_model_admin(Run)
    found: RunList = model_admin.get_changelist_instance(asked)
    return found


def embedded(request: HttpRequest, row: Any) -> dict[str, Any] | None:
    """Return the context of the table of one row's runs, None for users who may not see runs.

    The row is an experiment, a site, a customer or a zone. Columns, order, conditions,
    ready views and page are taken from the page's own address; what the table does not know of it
    stays in its links. An address that cannot be used shows the usual table.
    """
    if not request.user.has_perm("runs_app.view_run"):
        return None
    name = str(row._meta.model_name)
    scope = {_FILTERS[name]: str(row.pk)}
    model_admin: Any = admin.site.get_model_admin(Run)
    known = {*_OF_PAGE, *model_admin.filter_names()} - set(scope)
    query = QueryDict(mutable=True)
    for key in known & set(request.GET):
        query.setlist(key, request.GET.getlist(key))
    foreign = {key: request.GET.getlist(key) for key in request.GET if key not in known}
    marks = {"run_scope": scope, "run_foreign": foreign}
    try:
        found = list_of(request, _within(query, scope), **marks)
    except IncorrectLookupParameters:
        found = list_of(request, _within(QueryDict(mutable=True), scope), **marks)
    return {"cl": found, "inside": name, "whole_list": f"{found.list_address}?{urlencode(scope)}"}


@dataclass(frozen=True, kw_only=True)
class Loosened:
    """What the list would show without one of its filters."""

    chip: Chip
    count: int


def loosened(found: RunList) -> list[Loosened]:
    """Return for the first filters of an empty list how many runs it has without each of them."""
    ways = []
    for chip in found.chips[:MAX_LOOSENED]:
        query = QueryDict(chip.without.removeprefix("?"), mutable=True)
        for key in found.foreign:
            query.pop(key, None)
        other = list_of(
            found.request, _within(query, found.scope), run_scope=found.scope, run_rows=False
        )
        count = other.queryset.order_by().values("pk")[:MAX_COUNTED].count()
        ways.append(Loosened(chip=chip, count=count))
    return ways


def _within(query: QueryDict, scope: Mapping[str, str]) -> QueryDict:
    for key, value in scope.items():
        query[key] = value
    return query
