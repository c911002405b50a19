"""Addresses of the run pages, below the admin's own list of runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

import registry_app.row_numbers  # noqa: F401  # knows <row:pk>
from runs_app.views import files, form, log, run

VIEW = "runs_app.view_run"
QUEUE = "runs_app.queue_run"
CANCEL = "runs_app.cancel_run"

View = Callable[..., HttpResponseBase]


def run_urls() -> list[URLPattern]:
    """Return the addresses; each asks for staff, permissions, a method and, with POST, CSRF."""
    return [
        _url("new/", form.new, "new", QUEUE, methods=("GET", "HEAD", "POST")),
        _url("new/preview/", form.preview, "preview", QUEUE, methods=("POST",)),
        _url("new/fields/", form.fields, "fields", QUEUE, methods=("POST",)),
        _url("states/", run.states, "states", VIEW),
        _url("<row:pk>/state/", run.state, "state", VIEW),
        _url("<row:pk>/metrics/", run.metrics, "metrics", VIEW),
        _url("<row:pk>/cancel/", run.stop, "cancel", CANCEL, methods=("POST",)),
        _url("<row:pk>/priority/", run.reprioritise, "priority", QUEUE, methods=("POST",)),
        _url("<row:pk>/log/<slug:stream>/", log.window, "log", VIEW),
        _url("<row:pk>/log/<slug:stream>/file/", log.download, "log_file", VIEW),
        _url("<row:pk>/records/<str:name>", files.record, "record", VIEW),
        _url("<row:pk>/files/<row:file_pk>/", files.show, "file", VIEW),
        _url("<row:pk>/files/<row:file_pk>/raw/", files.download, "file_raw", VIEW),
        _url("<row:pk>/files/<row:file_pk>/picture/", files.picture, "file_picture", VIEW),
    ]


def _url(
    route: str,
    view: View,
    name: str,
    *permissions: str,
    methods: tuple[str, ...] = ("GET", "HEAD"),
) -> URLPattern:
    guarded = require_http_methods(list(methods))(_permitted(view, permissions))
    return path(route, admin.site.admin_view(guarded), name=f"runs_app_run_{name}")


def _permitted(view: View, permissions: tuple[str, ...]) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perms(permissions):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
