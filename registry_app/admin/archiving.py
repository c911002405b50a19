"""Archive an experiment on its page, and restore it there."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry_app.admin.base import person
from registry_app.changes.archive import archive, restore
from registry_app.exceptions import RegistryError
from registry_app.messages import plain
from registry_app.models import Experiment
from registry_app.reading import error_text

MAX_REASON = 500


@require_POST
def archive_view(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Archive the experiment; the form must give a reason."""
    experiment = _allowed(request, model_admin, pk)
    reason = " ".join(request.POST.get("reason", "").split())[:MAX_REASON]
    if not reason:
        messages.error(request, _("Nothing was done: say why it is archived."))
        return _back(pk)
    try:
        archive([experiment], reason=plain(reason), by=person(request))
    except RegistryError as error:
        messages.error(request, error_text(error))
    else:
        text = _("{name} is archived. Its runs stay, and it can be restored here.")
        messages.success(request, text.format(name=experiment.name))
    return _back(pk)


@require_POST
def restore_view(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Bring the experiment back into lists, exports and scans."""
    experiment = _allowed(request, model_admin, pk)
    try:
        restore([experiment], by=person(request))
    except RegistryError as error:
        messages.error(request, error_text(error))
    else:
        messages.success(request, _("{name} is back.").format(name=experiment.name))
    return _back(pk)


def _allowed(request: HttpRequest, model_admin: Any, pk: int) -> Experiment:
    experiment = get_object_or_404(Experiment, pk=pk)
    # Asked without the row, since an archived one may be restored but not edited.
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    return experiment


def _back(pk: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:registry_app_experiment_detail", args=[pk]))
