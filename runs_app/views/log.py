"""The log of a run in bytes, by offset; the browser renders them as text."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from runs_app.models import Run
from runs_app.records.kept_file import open_inside
from runs_app.records.log_window import LOGS, LogWindow, read_before, read_from, read_tail
from runs_app.views.download import SANDBOX, as_attachment


def window(request: HttpRequest, pk: int, stream: str) -> HttpResponse:
    """Return at most one chunk: what follows `from`, what precedes `before`, else the tail."""
    folder = get_object_or_404(Run, pk=pk).folder
    if stream not in LOGS:
        raise Http404
    after, before = _offset(request, "from"), _offset(request, "before")
    if before is not None:
        found = read_before(folder, stream, before)
    elif after is not None:
        found = read_from(folder, stream, after)
    else:
        found = read_tail(folder, stream)
    return _answer(found)


def download(request: HttpRequest, pk: int, stream: str) -> FileResponse:
    """Return a whole log as a file."""
    run = get_object_or_404(Run, pk=pk)
    if stream not in LOGS:
        raise Http404
    try:
        log = open_inside(run.folder, LOGS[stream])
    except FileNotFoundError as error:
        raise Http404(_("There is no log yet.")) from error
    return as_attachment(log, f"run-{pk}-{LOGS[stream]}")


def _offset(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _answer(found: LogWindow) -> HttpResponse:
    return HttpResponse(
        found.data,
        content_type="application/octet-stream",
        headers={
            "X-Log-Start": str(found.start),
            "X-Log-End": str(found.end),
            "X-Log-Size": str(found.size),
            "X-Log-Skipped": str(found.skipped),
            "X-Content-Type-Options": "nosniff",
            "Content-Disposition": "attachment",
            "Content-Security-Policy": SANDBOX,
        },
    )
