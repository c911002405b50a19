"""A file of an experiment, shown at the line that a guess comes from."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from registry_app.admin.source_file import LINES_AROUND, read_lines
from registry_app.exceptions import RegistryError
from registry_app.files.paths import experiment_place
from registry_app.files.visible import visible
from registry_app.models import Experiment
from registry_app.reading import error_text
from registry_app.scan.walk import is_read

TEMPLATE = "admin/registry_app/experiment/source.html"
_PLACE = re.compile(r"(?P<path>.+?)(?::(?P<line>\d{1,7}))?")


def evidence_link(experiment_pk: int, evidence: str) -> SafeString:
    """Return evidence as a link to the line that it names, or as text if it names no file."""
    found = _PLACE.fullmatch(evidence)
    if found is None or not is_read(found["path"]):
        return format_html("{}", visible(evidence))
    address = source_address(experiment_pk, found["path"], int(found["line"] or 0))
    return format_html(
        '<a class="gf-link gf-evidence" href="{}">{}</a>', address, visible(evidence)
    )


def source_address(experiment_pk: int, path: str, line: int) -> str:
    """Return the URL that shows a file; line 0 means its beginning, with no line marked."""
    query = {"path": path}
    if line:
        query["line"] = str(line)
    page = reverse("admin:registry_app_experiment_source", args=[experiment_pk])
    return f"{page}?{urlencode(query)}{f'#L{line}' if line else ''}"


@require_safe
def source_page(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Show the lines around one line; else the reason why not, with status 404."""
    experiment = get_object_or_404(Experiment, pk=pk)
    if not model_admin.has_view_permission(request, experiment):
        raise PermissionDenied
    path, line = request.GET.get("path", ""), _number(request, "line")
    context: dict[str, Any] = {
        "path": path,
        "line": line,
        "original": experiment,
        "title": visible(path),
    }
    status = 200
    try:
        found = read_lines(
            experiment_place(experiment), path, around=_number(request, "around") or line
        )
    except RegistryError as error:
        context["problem"] = error_text(error)
        status = 404
    else:
        earlier, later = found.first - 1, found.last + 1
        context |= {
            "found": found,
            "rows": list(enumerate(found.lines, start=found.first)),
            "earlier": _address(experiment, path, earlier - LINES_AROUND) if earlier else "",
            "later": _address(experiment, path, later + LINES_AROUND)
            if later <= found.total
            else "",
        }
    own = {**model_admin.admin_site.each_context(request), "opts": model_admin.opts}
    request.current_app = model_admin.admin_site.name
    return TemplateResponse(request, TEMPLATE, own | context, status=status)


def _number(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if re.fullmatch(r"[0-9]{1,7}", text) else 0


def _address(experiment: Experiment, path: str, around: int) -> str:
    page = reverse("admin:registry_app_experiment_source", args=[experiment.pk])
    return f"{page}?{urlencode({'path': path, 'around': str(max(1, around))})}"
