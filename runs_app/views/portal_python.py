"""The button next to a broken environment: start an entry point with the portal's Python."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from registry_app.changes.apply import apply_plan
from registry_app.changes.planning import make_plan
from registry_app.choices import ChangeOrigin, ConfirmedBy, EntryPointType, FieldSource
from registry_app.document.model import (
    EntryPointDocument,
    ExperimentDocument,
    RegistryDocument,
)
from registry_app.exceptions import RegistryError
from registry_app.files.interpreters import PORTAL
from registry_app.models import Experiment
from registry_app.row_numbers import row_number


def use(request: HttpRequest) -> HttpResponse:
    """Set the interpreter of one entry point to `portal`, as a change that can be undone.

    Permission to run scripts suffices, because it includes deciding what is executed. Returns the
    form of runs as it was, with all its experiments.
    """
    kind = request.POST.get("type", "")
    shown = request.POST.getlist("experiment")
    pressed = request.POST.get("portal_python") or next(iter(shown), "")
    experiment = Experiment.objects.filter(pk=row_number(pressed)).first()
    if kind not in EntryPointType.values or experiment is None:
        raise Http404(_("None of these experiments exists any more."))
    document = RegistryDocument(
        experiments=(
            ExperimentDocument(
                name=experiment.name,
                path=experiment.path,
                entry_points={kind: EntryPointDocument(interpreter=PORTAL)},
            ),
        ),
        is_whole=False,
    )
    user: Any = request.user
    try:
        plan = make_plan(document, source=FieldSource.CURATED)
        apply_plan(plan, origin=ChangeOrigin.ADMIN, by=user, confirms=ConfirmedBy.SAVE)
    except RegistryError as error:
        messages.error(request, str(error))
    else:
        text = _("The portal's Python starts {experiment} / {type} from now on.")
        label = EntryPointType(kind).label
        messages.success(request, text.format(experiment=experiment.name, type=label))
    again = request.POST.get("again", "")
    query = {"again": again} if again else {"type": kind, "experiment": shown or [pressed]}
    address = reverse("admin:runs_app_run_new")
    return HttpResponseRedirect(f"{address}?{urlencode(query, doseq=True)}")
