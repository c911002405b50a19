"""What people write on a run afterwards: a note, labels, that it is for comparison only."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from runs_app.comparing.best import renew_best
from runs_app.models import Run

MAX_LABELS = 10
MAX_LABEL = 40
MAX_NOTE = Run._meta.get_field("note").max_length or 0
# Either is enough: a PM marks what was deployed, an engineer what a run was for.
MAY_WRITE = ("runs_app.queue_run", "registry_app.change_experiment")


def may_write(user: Any) -> bool:
    """Whether a user may write on runs."""
    return any(user.has_perm(permission) for permission in MAY_WRITE)


def label_text(run: Run) -> str:
    """Return the labels as they are typed."""
    return ", ".join(map(str, run.labels))


def labels_in(text: str) -> list[str]:
    """Return the labels of a typed text, each once."""
    words = (" ".join(word.split()) for word in text.replace("\0", "").split(","))
    return list(dict.fromkeys(word for word in words if word))


def write(request: HttpRequest, pk: int) -> HttpResponse:
    """Store note, labels and mark of a run, unless somebody else has changed them meanwhile."""
    if not may_write(request.user):
        raise PermissionDenied
    run = get_object_or_404(Run.objects.select_related("experiment"), pk=pk)
    problem = _problem(request, run)
    if problem:
        messages.error(request, problem)
        return _back(run)
    was_marked = run.is_marked
    run.note = request.POST.get("note", "").replace("\0", "").strip()
    run.labels = labels_in(request.POST.get("labels", ""))
    run.is_marked = "marked" in request.POST
    run.save(update_fields=["note", "labels", "is_marked"])
    if run.is_marked != was_marked:
        renew_best(run.experiment, types=[run.type])
    messages.success(request, _("Written on run #{number}.").format(number=run.pk))
    return _back(run)


def _problem(request: HttpRequest, run: Run) -> str:
    """Return why nothing is stored, '' if all is well."""
    labels = labels_in(request.POST.get("labels", ""))
    if request.POST.get("before_note", "") != run.note or (
        labels_in(request.POST.get("before_labels", "")) != labels_in(label_text(run))
    ):
        return _("Somebody else has changed note or labels meanwhile; nothing was written.")
    if len(request.POST.get("note", "").strip()) > MAX_NOTE:
        return _("A note has at most {count} characters; nothing was written.").format(
            count=MAX_NOTE
        )
    if len(labels) > MAX_LABELS or any(len(label) > MAX_LABEL for label in labels):
        return ngettext(
            "A run has at most {count} label of {length} characters; nothing was written.",
            "A run has at most {count} labels of {length} characters; nothing was written.",
            MAX_LABELS,
        ).format(count=MAX_LABELS, length=MAX_LABEL)
    return ""


def _back(run: Run) -> HttpResponse:
    return HttpResponseRedirect(f"{run.get_absolute_url()}#remarks")
