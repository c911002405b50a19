"""Files that a run created or changed: only copies in the run folder are ever served."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import BinaryIO

from django.contrib import admin
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from runs_app.models import Run, RunFile
from runs_app.records import listing
from runs_app.records.kept_file import open_inside
from runs_app.records.preview import image_type, kind_of, pretty, read_table, read_text
from runs_app.runner.outputs.damage import damage_of
from runs_app.views.download import as_attachment, as_picture
from runs_app.views.page.file_names import download_name
from runs_app.views.wording import damage_text


def download(request: HttpRequest, pk: int, file_pk: int) -> FileResponse:
    """Return a saved file as an attachment."""
    file = _file(pk, file_pk)
    return as_attachment(_opened(file), download_name(file.run, file.path))


def picture(request: HttpRequest, pk: int, file_pk: int) -> FileResponse:
    """Return a saved image; its type follows from its name alone."""
    file = _file(pk, file_pk)
    content_type = image_type(file.path)
    if not content_type:
        raise Http404(_("This file is not an image."))
    return as_picture(_opened(file), PurePosixPath(file.path).name, content_type)


def show(request: HttpRequest, pk: int, file_pk: int) -> HttpResponse:
    """Show a saved file: an image, the first rows of a table, or the beginning of a text."""
    file = _file(pk, file_pk)
    kind = kind_of(file.path)
    context = {
        **admin.site.each_context(request),
        "title": file.path,
        "opts": Run._meta,
        "original": file.run,
        "run": file.run,
        "file": file,
        "kind": kind,
    }
    with _opened(file) as opened:
        context["damage"] = damage_text(damage_of(opened, file.path))
        if kind == "table":
            context["table"] = read_table(opened, file.path)
        elif kind == "text":
            context["text"], context["is_cut"] = _text(opened, file.path)
        elif kind != "image":
            raise Http404(_("This kind of file has no preview; download it."))
    return TemplateResponse(request, "admin/runs_app/run/file.html", context)


def _text(opened: BinaryIO, path: str) -> tuple[str, bool]:
    """Return the beginning of a file as text; a whole JSON document with a line for each value."""
    text, is_cut = read_text(opened)
    if PurePosixPath(path).suffix.lower() == ".json" and not is_cut:
        return pretty(text), False
    return text, is_cut


def record(request: HttpRequest, pk: int, name: str) -> FileResponse:
    """Return a record of the run folder as an attachment; only those that are offered."""
    run = get_object_or_404(Run, pk=pk)
    if name not in listing.LABELS:
        raise Http404
    try:
        opened = open_inside(run.folder, name)
    except FileNotFoundError as error:
        raise Http404(_("This record was not saved.")) from error
    return as_attachment(opened, f"run-{run.pk}-{name}")


def _file(pk: int, file_pk: int) -> RunFile:
    return get_object_or_404(
        RunFile.objects.select_related("run__experiment"), pk=file_pk, run_id=pk
    )


def _opened(file: RunFile) -> BinaryIO:
    """Open the copy; treat a row that names a path outside its run folder as without a copy."""
    try:
        return open_inside(file.run.folder, file.kept)
    except FileNotFoundError as error:
        raise Http404(_("No copy of this file was saved.")) from error
