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
from runs_app.views import (
    curves,
    files,
    form,
    log,
    log_search,
    not_before,
    portal_python,
    remarks,
    run,
    run_sets,
    set_file_edit,
    set_files,
    whole_archive,
)

VIEW = "runs_app.view_run"
QUEUE = "runs_app.queue_run"
CANCEL = "runs_app.cancel_run"
CURATE = "registry_app.change_experiment"

View = Callable[..., HttpResponseBase]


def run_urls() -> list[URLPattern]:
    """Return the URLs; each checks staff, permissions, the method and, for POST, CSRF."""
    return [
        guarded_url("new/", form.new, "new", QUEUE, methods=("GET", "HEAD", "POST")),
        guarded_url("new/preview/", form.preview, "preview", QUEUE, methods=("POST",)),
        guarded_url("new/fields/", form.fields, "fields", QUEUE, methods=("POST",)),
        guarded_url(
            "new/portal-python/",
            portal_python.use,
            "portal_python",
            QUEUE,
            methods=("POST",),
        ),
        guarded_url("states/", run.states, "states", VIEW),
        guarded_url("curves/", curves.curves, "curves", VIEW),
        guarded_url("<row:pk>/state/", run.state, "state", VIEW),
        guarded_url("<row:pk>/metrics/", run.metrics, "metrics", VIEW),
        guarded_url("<row:pk>/cancel/", run.stop, "cancel", CANCEL, methods=("POST",)),
        guarded_url("<row:pk>/priority/", run.reprioritise, "priority", QUEUE, methods=("POST",)),
        guarded_url(
            "<row:pk>/not-before/", not_before.of_run, "not_before", QUEUE, methods=("POST",)
        ),
        guarded_url("<row:pk>/log/<slug:stream>/", log.window, "log", VIEW),
        guarded_url("<row:pk>/log/<slug:stream>/file/", log.download, "log_file", VIEW),
        guarded_url("<row:pk>/log/<slug:stream>/search/", log_search.find, "log_search", VIEW),
        guarded_url("<row:pk>/log/<slug:stream>/place/", log_search.place, "log_place", VIEW),
        guarded_url("<row:pk>/remarks/", remarks.write, "remarks", VIEW, methods=("POST",)),
        guarded_url("<row:pk>/archive/", whole_archive.download, "archive", VIEW),
        guarded_url("<row:pk>/records/<str:name>", files.record, "record", VIEW),
        guarded_url("<row:pk>/files/<row:file_pk>/", files.show, "file", VIEW),
        guarded_url("<row:pk>/files/<row:file_pk>/raw/", files.download, "file_raw", VIEW),
        guarded_url("<row:pk>/files/<row:file_pk>/picture/", files.picture, "file_picture", VIEW),
    ]


def run_set_urls() -> list[URLPattern]:
    """Return the URLs below the list of run sets, guarded like those of runs."""
    return [
        guarded_url("files/", set_files.files, "files", VIEW, of="runset"),
        guarded_url(
            "files/run/", set_files.start, "file_run", VIEW, QUEUE, methods=("POST",), of="runset"
        ),
        guarded_url(
            "files/save/",
            set_file_edit.save,
            "file_save",
            VIEW,
            CURATE,
            methods=("POST",),
            of="runset",
        ),
        guarded_url(
            "<row:pk>/cancel/", run_sets.stop, "cancel", CANCEL, methods=("POST",), of="runset"
        ),
        guarded_url(
            "<row:pk>/resume/", run_sets.try_again, "resume", QUEUE, methods=("POST",), of="runset"
        ),
        guarded_url(
            "<row:pk>/not-before/",
            not_before.of_set,
            "not_before",
            QUEUE,
            methods=("POST",),
            of="runset",
        ),
    ]


def guarded_url(
    route: str,
    view: View,
    name: str,
    *permissions: str,
    methods: tuple[str, ...] = ("GET", "HEAD"),
    of: str = "run",
) -> URLPattern:
    """Return a URL below the list of the model `of`, for staff who have the permissions."""
    guarded = require_http_methods(list(methods))(_permitted(view, permissions))
    return path(route, admin.site.admin_view(guarded), name=f"runs_app_{of}_{name}")


def _permitted(view: View, permissions: tuple[str, ...]) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perms(permissions):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
