"""Edits of the files of scenarios and pipelines, which become commits of the core repository.

A user who may curate need not be allowed to run scripts: what is saved here is queued once an
engineer has confirmed it, as any content that comes from git.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from registry_app.admin.base import person
from registry_app.exceptions import RegistryError
from registry_app.reading import error_text, message_text
from registry_app.sync.authors import person_of
from registry_app.sync.chosen import is_core
from registry_app.sync.git.editing import StaleFileError, digest, save_file
from registry_app.sync.git.folders import MAX_BYTES
from registry_app.sync.run import sync
from runs_app.exceptions import RefusedError
from runs_app.sets.definitions import read
from runs_app.sets.places import PIPELINES, SourceFile
from runs_app.texts import set_files as texts
from runs_app.views.set_files import LIST, address_of, file_at, folder_of, page

_NAME = re.compile(r"\w(?:[\w-]|\.(?!\.)){0,99}")
_BLANK = {
    True: "experiment: NAME\nsteps:\n  - name: train\n    type: train\n",
    False: "runs:\n  - experiment: NAME\n    type: eval\n",
}


def blank(request: HttpRequest, folder: str) -> HttpResponse:
    """Show the form of a file that does not exist yet."""
    file = SourceFile(path=f"{folder}/", data=b"")
    return page(request, file, text=_BLANK[folder == PIPELINES])


def save(request: HttpRequest) -> HttpResponse:
    """Check a new content, then commit it; with `preview`, only show what it would start."""
    path = _path(request)
    if not (folder := folder_of(path)):
        raise Http404(path)
    if not is_core():
        messages.error(request, message_text(texts.NO_CORE(folder=folder)))
        return HttpResponseRedirect(reverse(LIST))
    try:
        file = file_at(path)
    except Http404:
        file = SourceFile(path=path, data=b"")
    sent = request.POST.get("text", "").encode(errors="replace").decode()
    text = sent.replace("\r\n", "\n").rstrip("\n") + "\n"
    seen = request.POST.get("seen", "")
    data = text.encode()
    try:
        if path != f"{folder}/{PurePosixPath(path).name}" or not _NAME.fullmatch(file.name):
            raise RefusedError(texts.BAD_FILE_NAME(name=file.name))
        if len(data) > MAX_BYTES:
            raise RefusedError(texts.TOO_LONG(file=path, mib=MAX_BYTES // 2**20))
        read(SourceFile(path=path, data=data), folder)
    except RefusedError as error:
        name = "" if "file" in request.POST else request.POST.get("name", "")
        if name:
            file = SourceFile(path=f"{folder}/", data=b"")
        return page(
            request, file, text=text, seen=seen, problems=error_text(error), name=name, status=422
        )
    if "preview" in request.POST:
        return page(request, file, text=text, seen=seen)
    return _saved(request, file, text, seen)


def _saved(request: HttpRequest, file: SourceFile, text: str, seen: str) -> HttpResponse:
    """Commit a valid content and let the portal sync; answer with the page of the file."""
    user = person(request)
    try:
        saved = save_file(file.path, text.encode(), seen=seen, by=person_of(user))
    except StaleFileError as error:
        messages.error(request, error_text(error))
        now = SourceFile(path=file.path, data=error.data)
        seen = digest(error.data) if error.data else ""
        return page(request, now, text=text, seen=seen, is_stale=True, status=409)
    except RegistryError as error:
        messages.error(request, error_text(error))
        return page(request, file, text=text, seen=seen, status=409)
    if saved.branch:
        sentence = _("The synced branch takes no pushes. The change waits on the branch {branch}.")
        messages.warning(request, sentence.format(branch=saved.branch))
        return HttpResponseRedirect(address_of(file.path) if file.commit else reverse(LIST))
    messages.success(request, _("Committed as {commit}.").format(commit=saved.commit[:10]))
    try:
        sync(by=user)
    except RegistryError as error:
        sentence = _("The portal shows it after the next sync, which failed now: {problem}")
        messages.warning(request, sentence.format(problem=error_text(error)))
        return HttpResponseRedirect(reverse(LIST))
    return HttpResponseRedirect(address_of(file.path))


def _path(request: HttpRequest) -> str:
    """Return the path of the file that a form is about, or of the new one that it names."""
    if path := request.POST.get("file", ""):
        return path
    return f"{request.POST.get('folder', '')}/{request.POST.get('name', '').strip()}.yaml"
