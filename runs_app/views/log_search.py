"""Finds places in the log of a run: a text, errors, a line, a percentage, a time."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

from django.http import (
    Http404,
    HttpRequest,
    HttpResponseBadRequest,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from runs_app.models import Run
from runs_app.records.logs.errors import ErrorLine
from runs_app.records.logs.merged import MergedLog
from runs_app.records.logs.opening import LOGS, opened
from runs_app.records.logs.places import Place, offset_of, read_place
from runs_app.records.logs.search import MAX_QUERY, Hit, Literal, Progress, Sign, search
from runs_app.views.log import HEADERS, MERGED, folder_of, position_text

# A search keeps a thread of the web server busy, which has four.
MAX_AT_ONCE = 2
_slots = threading.BoundedSemaphore(MAX_AT_ONCE)


def find(request: HttpRequest, pk: int, stream: str) -> HttpResponseBase:
    """Search one output from `from` on for the text `q`, with `fold` without regard to case.

    With `errors` lines that look like errors are found instead. The answer has a line of JSON for
    each hit (`{"hit": [offset, line, text]}`) and for each piece that was searched (`{"next":
    offset, "is_end": false}`); it ends when its reader goes away. `{"busy": true}` alone means
    that too many searches are under way.
    """
    folder, text = folder_of(pk), request.GET.get("q", "")
    if stream not in LOGS:
        raise Http404
    if "errors" not in request.GET and not 0 < len(text) <= MAX_QUERY:
        return HttpResponseBadRequest()
    is_folded = "fold" in request.GET
    sign = ErrorLine() if "errors" in request.GET else Literal(text, ignores_case=is_folded)
    start = request.GET.get("from", "")
    offset = int(start) if start.isdecimal() and len(start) < 19 else 0
    return StreamingHttpResponse(
        _lines(folder, stream, sign, offset),
        content_type="application/x-ndjson",
        headers=HEADERS,
    )


def _lines(folder: Path, stream: str, sign: Sign, start: int) -> Iterator[bytes]:
    if not _slots.acquire(blocking=False):
        yield _line({"busy": True})
        return
    try:
        with opened(folder, stream) as (log, size_bytes):
            for hit in search(log, size_bytes, sign, start=start):
                yield _line(_row(hit))
    finally:
        _slots.release()


def _row(hit: Hit | Progress) -> dict[str, object]:
    if isinstance(hit, Hit):
        return {"hit": [hit.offset, hit.line, hit.text]}
    return {"next": hit.next, "is_end": hit.is_end}


def _line(row: dict[str, object]) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def place(request: HttpRequest, pk: int, stream: str) -> JsonResponse:
    """Return the offset of the place that a reader typed, or what is wrong with it."""
    run = get_object_or_404(Run.objects.only("uuid", "started_at"), pk=pk)
    if stream not in LOGS and stream != MERGED:
        raise Http404
    began = timezone.localtime(run.started_at) if run.started_at else None
    wanted = read_place(request.GET.get("go", "")[:MAX_QUERY], began=began)
    if wanted is None:
        return JsonResponse(
            {"problem": _("Type a line (1204), a percentage (50%) or a time (14:02).")}
        )
    offset = (_merged_offset if stream == MERGED else _offset)(run.folder, stream, wanted)
    if offset is None:
        return JsonResponse({"problem": _("The lines are still being counted; try again.")})
    return JsonResponse({"offset": offset})


def _offset(folder: Path, stream: str, wanted: Place) -> str | None:
    offset = offset_of(folder, stream, wanted)
    return None if offset is None else str(offset)


def _merged_offset(folder: Path, _stream: str, wanted: Place) -> str | None:
    """Return a position in both outputs; lines are those of stdout."""
    if wanted.line is not None:
        offset = offset_of(folder, "stdout", wanted)
        return None if offset is None else f"stdout-{offset}"
    with MergedLog(folder) as log:
        if wanted.moment is not None:
            time_ms = round(wanted.moment.timestamp() * 1000)
            return position_text(log.position_at(time_ms=time_ms))
        return position_text(log.position_at(share=wanted.share or 0))
