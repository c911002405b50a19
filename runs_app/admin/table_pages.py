"""What the table of runs asks for by itself: rows that changed, choices, and its CSV file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest
from django.db.models import Value
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.text import capfirst

from registry_app.resources.cells import escape
from registry_app.row_numbers import row_number
from runs_app.admin.run_list import PER_PAGE, RunList
from runs_app.admin.run_table import list_of
from runs_app.models import Run, RunMetric, RunParameter
from runs_app.urls import VIEW, guarded_url
from runs_app.views.table import columns, conditions, sheet
from runs_app.views.table.rows import RELATED, rows_of

MAX_NEW = 100
# Names are those that the newest of the matching runs have.
RUNS_LOOKED_AT = 200
MAX_NAMES = 80
ROWS_AT_ONCE = 500
# Parts of the address of these pages that are not of the list.
_OWN = ("id", "newest")


def table_urls() -> list[URLPattern]:
    """Return the addresses of the table's own requests."""
    return [
        guarded_url("rows/", rows, "rows", VIEW),
        guarded_url("choices/", choices, "choices", VIEW),
        guarded_url("csv/", csv_file, "csv", VIEW),
    ]


def rows(request: HttpRequest) -> JsonResponse:
    """Return the rows with some ids as HTML, and how many matching runs are newer than `newest`."""
    found = _list(request, rows=False)
    numbers = [row_number(text) for text in request.GET.getlist("id")[:PER_PAGE]]
    runs: Any = found.root_queryset.filter(pk__in=filter(None, numbers)).select_related(*RELATED)
    html = {
        str(row.run.pk): render_to_string(
            "admin/runs_app/run/table/_row.html", {"row": row, "inside": request.GET.get("inside")}
        )
        for row in rows_of(runs, found.columns)
    }
    newest = row_number(request.GET.get("newest", ""))
    newer = found.queryset.order_by().filter(pk__gt=newest).values("pk") if newest else None
    return JsonResponse(
        {"rows": html, "new": 0 if newer is None else newer[:MAX_NEW].count()},
        headers={"Cache-Control": "no-store"},
    )


def choices(request: HttpRequest) -> HttpResponse:
    """Return the form that chooses filters and columns, as a part of a page."""
    found = _list(request, rows=False)
    newest = list(found.queryset.order_by("-pk").values_list("pk", flat=True)[:RUNS_LOOKED_AT])
    metrics, parameters = _names(newest)
    shown = {column.key for column in found.columns}
    context = {
        "cl": found,
        "known": [(key, capfirst(str(column.head)), key in shown) for key, column in _known()],
        "metrics": _choices(columns.METRIC, metrics, shown),
        "parameters": _choices(columns.PARAMETER, parameters, shown),
        "signs": conditions.SIGNS,
    }
    return TemplateResponse(request, "admin/runs_app/run/table/_choices.html", context)


def csv_file(request: HttpRequest) -> StreamingHttpResponse:
    """Return all matching runs with the chosen columns, in the order of the table."""
    found = _list(request, rows=False)
    name = f"runs-{timezone.localdate():%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        _lines(found),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _list(request: HttpRequest, *, rows: bool) -> RunList:
    query = request.GET.copy()
    for name in (*_OWN, "inside"):
        query.pop(name, None)
    try:
        return list_of(request, query, run_rows=rows, offers_filters=_offers(request))
    except IncorrectLookupParameters as error:
        raise BadRequest(str(error)) from error


def _offers(request: HttpRequest) -> bool:
    return request.path.endswith("/choices/")


def _known() -> list[tuple[str, columns.Column]]:
    return list(columns.KNOWN.items())


def _names(runs: list[int]) -> tuple[list[str], list[str]]:
    """Return the names of metrics and of parameters, in the order of the alphabet; one query."""
    kinds = ((columns.METRIC, RunMetric), (columns.PARAMETER, RunParameter))
    first, other = (
        model.objects.filter(run__in=runs).order_by().values_list(Value(kind), "name")
        for kind, model in kinds
    )
    found = sorted(first.union(other))
    metrics, parameters = ([name for kind, name in found if kind == one] for one, _model in kinds)
    return metrics[:MAX_NAMES], parameters[:MAX_NAMES]


def _choices(kind: str, names: list[str], shown: set[str]) -> list[tuple[str, str, bool]]:
    """Return key, name and whether it is shown, of all names and of those that are shown."""
    keys = [f"{kind}{name}" for name in names]
    keys += sorted(key for key in shown if key.startswith(kind) and key not in keys)
    return [(key, key[len(kind) :], key in shown) for key in keys]


class _Echo:
    """A file for `csv` that returns what is written to it."""

    def write(self, text: str) -> str:
        return text


def _lines(found: RunList) -> Iterator[str]:
    """Yield the lines of the file, reading some rows at a time."""
    writer: Any = csv.writer(_Echo())
    # Excel reads UTF-8 only with a mark.
    yield "\ufeff" + writer.writerow(sheet.heads(found.columns))
    keys = list(found.queryset.values_list("pk", flat=True))
    for first in range(0, len(keys), ROWS_AT_ONCE):
        some = keys[first : first + ROWS_AT_ONCE]
        fetched: Any = Run.objects.filter(pk__in=some).select_related(*RELATED)
        runs = {run.pk: run for run in fetched}
        for line in sheet.lines([runs[key] for key in some if key in runs], found.columns):
            yield writer.writerow([escape(cell) for cell in line])
