"""The journal of an experiment: notes that are written on its page and shown in its timeline."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry_app.admin.base import person
from registry_app.admin.details.events import Event, Part, Source, limited
from registry_app.admin.details.pages import detail_address
from registry_app.files.interpreter_check import may_queue
from registry_app.models import Experiment, Note

KIND = "note"
MAX_CHARACTERS = Note._meta.get_field("text").max_length or 0


def journal_of(experiment: Experiment) -> Source:
    """Return the source of an experiment's notes; one query."""

    def source(before: datetime | None, most: int) -> Part:
        rows = Note.objects.filter(experiment=experiment).select_related("by")
        if before is not None:
            rows = rows.filter(at__lt=before)
        events = [
            Event(at=row.at, kind=KIND, title=row.text, by=str(row.by or ""))
            for row in rows[: most + 1]
        ]
        return limited(events, most)

    return source


def may_write(request: HttpRequest, model_admin: Any) -> bool:
    """Whether this user may write notes: users who curate experiments or run their scripts."""
    return bool(model_admin.has_change_permission(request)) or may_queue(person(request))


@require_POST
def add_note(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Write a note, and return to the page of the experiment."""
    experiment = get_object_or_404(Experiment, pk=pk)
    if not may_write(request, model_admin):
        raise PermissionDenied
    text = request.POST.get("text", "").strip()
    if not text:
        messages.error(request, _("The note is empty; nothing was written."))
    elif len(text) > MAX_CHARACTERS:
        most = _("A note has at most %(count)d characters; nothing was written.")
        messages.error(request, most % {"count": MAX_CHARACTERS})
    else:
        Note.objects.create(experiment=experiment, text=text, by=person(request))
    return HttpResponseRedirect(f"{detail_address(experiment)}#gf-happened")
