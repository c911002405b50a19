"""The comparison of runs as pages of the admin: under its permission and its rows of runs."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.contrib import admin
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _

from registry_app.files.visible import visible
from registry_app.resources.cells import escape
from runs_app.models import Run
from runs_app.urls import VIEW, guarded_url
from runs_app.views.compare import sheet
from runs_app.views.compare.chosen import Chosen, address, chosen
from runs_app.views.compare.page import LEAST_RUNS, PICTURE, WITH, compared, completed, context_of
from runs_app.views.compare.source import file_difference

MAX_NUMBERS_IN_NAME = 4


def compare_urls() -> list[URLPattern]:
    """Return the addresses of comparisons."""
    return [
        guarded_url("compare/", compare, "compare", VIEW),
        guarded_url("compare/csv/", csv_file, "compare_csv", VIEW),
        guarded_url("compare/source/", compare_source, "compare_source", VIEW),
    ]


def compare(request: HttpRequest) -> HttpResponse:
    """Show the runs of the address side by side, or how to choose some."""
    found = _chosen(request)
    if whole := completed(found, request.GET.get(WITH, "")):
        return HttpResponseRedirect(whole)
    context = {
        **admin.site.each_context(request),
        **context_of(found, picture=request.GET.get(PICTURE, "")),
        "opts": Run._meta,
    }
    return TemplateResponse(request, "admin/runs_app/run/compare/page.html", context)


def csv_file(request: HttpRequest) -> HttpResponse:
    """Return the whole comparison as a file, with the rows that the page folds."""
    found = _chosen(request)
    if not found.runs:
        raise BadRequest(_("Choose runs to compare."))
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for line in sheet.lines(found, compared(found)):
        writer.writerow([escape(cell) for cell in line])
    numbers = "-".join(map(str, found.numbers[:MAX_NUMBERS_IN_NAME]))
    name = f"compare-{numbers}-{timezone.localdate():%Y-%m-%d}.csv"
    # Excel reads UTF-8 only with a mark.
    return HttpResponse(
        "\ufeff" + text.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def compare_source(request: HttpRequest) -> HttpResponse:
    """Show how a source file of one run differs from that of another."""
    runs = _chosen(request).runs
    path = request.GET.get("path", "")
    found = file_difference(runs, path) if len(runs) == LEAST_RUNS else None
    if found is None:
        raise Http404(_("These runs have no such source file to compare."))
    context = {
        **admin.site.each_context(request),
        "title": visible(path),
        "found": found,
        "runs": runs,
        "address": address(run.pk for run in runs),
        "opts": Run._meta,
    }
    return TemplateResponse(request, "admin/runs_app/run/compare/source.html", context)


def _chosen(request: HttpRequest) -> Chosen:
    """Return the runs of the address that this user may see; raises PermissionDenied."""
    model_admin: Any = admin.site.get_model_admin(Run)
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    return chosen(request.GET, model_admin.get_queryset(request))
