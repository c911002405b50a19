"""The log of a run in bytes, by offset; the browser renders them as text."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from runs_app.models import Run
from runs_app.records.kept_file import open_inside
from runs_app.records.logs.merged import MergedLog, MergedWindow, Position
from runs_app.records.logs.opening import LOGS
from runs_app.records.logs.window import (
    LogWindow,
    read_after,
    read_around,
    read_before,
    read_from,
    read_tail,
)
from runs_app.views.download import SANDBOX, as_attachment

MERGED = "merged"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Disposition": "attachment",
    "Content-Security-Policy": SANDBOX,
    # Compressing a log that grows by 1 MB/s would cost more than sending it.
    "Content-Encoding": "identity",
}
_WINDOWS: dict[str, Callable[[Path, str, int], LogWindow]] = {
    "from": read_from,
    "before": read_before,
    "after": read_after,
    "at": read_around,
}
_MERGED: dict[str, Callable[[MergedLog, Position], MergedWindow]] = {
    "from": MergedLog.news,
    "before": MergedLog.before,
    "after": MergedLog.after,
    "at": MergedLog.around,
}


def window(request: HttpRequest, pk: int, stream: str) -> HttpResponse:
    """Return one bounded part of a log.

    `from` follows the end, `before` and `after` go on from a place, `at` is around a place; without
    any of them it is the tail.
    """
    folder = folder_of(pk)
    if stream == MERGED:
        return _merged(request, folder)
    if stream not in LOGS:
        raise Http404
    for name, read in _WINDOWS.items():
        offset = _number(request.GET.get(name, ""))
        if offset is not None:
            return _answer(read(folder, stream, offset))
    return _answer(read_tail(folder, stream))


def download(request: HttpRequest, pk: int, stream: str) -> FileResponse:
    """Return a whole log as a file."""
    folder = folder_of(pk)
    if stream not in LOGS:
        raise Http404
    try:
        log = open_inside(folder, LOGS[stream])
    except FileNotFoundError as error:
        raise Http404(_("There is no log yet.")) from error
    return as_attachment(log, f"run-{pk}-{LOGS[stream]}")


def folder_of(pk: int) -> Path:
    """Return the folder of a run; raises Http404. Viewers ask each second, so little is read."""
    return get_object_or_404(Run.objects.only("uuid"), pk=pk).folder


def position_text(position: Position) -> str:
    """Return a position in both outputs as addresses have it."""
    return f"{position.stdout}-{position.stderr}"


def _merged(request: HttpRequest, folder: Path) -> HttpResponse:
    with MergedLog(folder) as log:
        for name, read in _MERGED.items():
            position = _position(log, request.GET.get(name, ""))
            if position is not None:
                return _merged_answer(read(log, position))
        return _merged_answer(log.tail())


def _position(log: MergedLog, text: str) -> Position | None:
    """Return a position such as `120-7`, or that of a byte of one output: `stderr-7`."""
    first, _dash, last = text.partition("-")
    stdout, stderr = _number(first), _number(last)
    if stderr is None:
        return None
    if first in LOGS:
        return log.position_of(first, stderr)
    return None if stdout is None else Position(stdout=stdout, stderr=stderr)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _answer(found: LogWindow) -> HttpResponse:
    headers = {
        "X-Log-Start": str(found.start),
        "X-Log-End": str(found.end),
        "X-Log-Size": str(found.size),
        "X-Log-Skipped": str(found.skipped),
    }
    if found.line is not None:
        headers["X-Log-Line"] = str(found.line)
    return _sent(found.data, headers)


def _merged_answer(found: MergedWindow) -> HttpResponse:
    """Return a line of JSON that tells where each segment is from, then the bytes of all."""
    segments = [
        [segment.stream, segment.start, len(segment.data), segment.line, segment.time_ms]
        for segment in found.segments
    ]
    head = json.dumps(segments, separators=(",", ":")).encode() + b"\n"
    headers = {
        "X-Log-Start": position_text(found.start),
        "X-Log-End": position_text(found.end),
        "X-Log-Size": position_text(found.size),
        "X-Log-Skipped": str(found.skipped),
        "X-Log-Head": str(len(head)),
    }
    return _sent(head + b"".join(segment.data for segment in found.segments), headers)


def _sent(data: bytes, headers: dict[str, str]) -> HttpResponse:
    return HttpResponse(data, content_type="application/octet-stream", headers=HEADERS | headers)
