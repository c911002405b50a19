"""The page that compares a script of an experiment with the trainer that replaces it."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from registry_app.choices import EntryPointType
from registry_app.models import Experiment
from registry_app.reading import error_text, message_text
from runs_app.admin.parity.shown import shown_parity, shown_plan
from runs_app.choices import ParityState
from runs_app.exceptions import RunnerError
from runs_app.models import Parity
from runs_app.parity.holds import holds
from runs_app.parity.plan import Plan, plan
from runs_app.parity.sides import is_trainer, scripts_of
from runs_app.parity.start import cancel as cancel_parity
from runs_app.parity.start import start as start_parity
from runs_app.preflight.script_choices import types_of
from runs_app.runner.command.build import cleared, parse_assignments
from runs_app.urls import CANCEL, QUEUE, VIEW, guarded_url

RECORDS_SHOWN = 10
MAX_TEXT = 4000


def parity_urls() -> list[URLPattern]:
    """Return the addresses of the page, below the list of runs."""
    place = "parity/<row:pk>/"
    return [
        guarded_url(place, page, "parity", VIEW),
        guarded_url(f"{place}start/", start, "parity_start", QUEUE, methods=("POST",)),
        guarded_url(f"{place}cancel/", cancel, "parity_cancel", CANCEL, methods=("POST",)),
    ]


def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the newest comparison, or the one that `record` names, and the form for the next."""
    experiment = _experiment(pk)
    kind = _type(request.GET)
    records = Parity.objects.filter(experiment=experiment, type=kind)
    newest = list(records.select_related("requested_by")[:RECORDS_SHOWN])
    shown = _shown(request, newest)
    may_queue = request.user.has_perm("runs_app.queue_run")
    context: dict[str, Any] = {
        **_frame(request, experiment, kind),
        **_holding(experiment, kind, newest),
        "records": newest,
        "may_cancel": request.user.has_perm("runs_app.cancel_run"),
        "may_queue": may_queue,
    }
    if shown is not None:
        shown.experiment = experiment
        context["shown"] = shown_parity(shown)
    if may_queue:
        context |= _form(request, experiment, kind)
    return TemplateResponse(request, "admin/runs_app/parity/page.html", context)


def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Start the comparison whose plan was shown; another plan is shown again instead."""
    experiment = _experiment(pk)
    kind = _type(request.POST)
    try:
        planned = _plan(request.POST, experiment, kind)
        if request.POST.get("plan", "") != digest_of(planned):
            messages.warning(request, _("Something has changed since then; here is the new plan."))
            return HttpResponseRedirect(_address(experiment, kind, request.POST))
        parity = start_parity(planned, user=_person(request), read=request.POST.getlist("read"))
    except RunnerError as error:
        messages.error(request, error_text(error))
        return HttpResponseRedirect(_address(experiment, kind, request.POST))
    messages.success(request, _("Comparison {number} is queued.").format(number=parity.pk))
    return HttpResponseRedirect(_address(experiment, kind))


def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel the comparison that is running, with its runs."""
    experiment = _experiment(pk)
    kind = _type(request.POST)
    rows = Parity.objects.filter(experiment=experiment, type=kind, state=ParityState.RUNNING)
    running = rows.first()
    if running is not None and cancel_parity(running, user=_person(request)):
        messages.success(request, _("The comparison was cancelled."))
    else:
        messages.warning(request, _("No comparison is running."))
    return HttpResponseRedirect(_address(experiment, kind))


def digest_of(planned: Plan) -> str:
    """Return what must be unchanged between the plan that was shown and the start."""
    parts = [*planned.hashes.values(), *planned.old.argv, *planned.new.argv, planned.change]
    parts += [waiting.digest for waiting in planned.unread]
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()


def _holding(experiment: Experiment, kind: str, newest: list[Parity]) -> dict[str, Any]:
    if not newest:
        return {}
    holding = holds(experiment, kind)
    return {"holding": holding, "holding_reason": message_text(holding.reason)}


def _experiment(pk: int) -> Experiment:
    rows = Experiment.objects.prefetch_related("entry_points", "scripts")
    return get_object_or_404(rows, pk=pk)


def _type(values: Mapping[str, Any]) -> str:
    kind = str(values.get("type", EntryPointType.TRAIN))
    if kind not in EntryPointType.values:
        raise SuspiciousOperation("not a type")
    return kind


def _person(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _shown(request: HttpRequest, newest: list[Parity]) -> Parity | None:
    wanted = request.GET.get("record", "")
    chosen = [record for record in newest if str(record.pk) == wanted]
    return next(iter(chosen or newest), None)


def _frame(request: HttpRequest, experiment: Experiment, kind: str) -> dict[str, Any]:
    there = {*types_of(experiment), kind}
    return {
        **admin.site.each_context(request),
        "kind": kind,
        "title": _("Old and new of {experiment}").format(experiment=experiment.name),
        "experiment": experiment,
        "kinds": [(kind.value, kind.label) for kind in EntryPointType if kind in there],
    }


def _form(request: HttpRequest, experiment: Experiment, kind: str) -> dict[str, Any]:
    values = {name: request.GET.get(name, "")[:MAX_TEXT] for name in ("old", "new", "params")}
    offered = scripts_of(experiment, kind)
    found: dict[str, Any] = {
        "offered": offered,
        "values": values,
        "has_trainer": any(is_trainer(experiment, path) for path in offered),
        "draft": shlex.join(["guardianflow", "adapter", experiment.name, "--type", kind]),
    }
    if "plan" in request.GET:
        try:
            planned = _plan(request.GET, experiment, kind)
        except RunnerError as error:
            found["problem"] = error_text(error)
        else:
            found |= {"plan": shown_plan(planned), "digest": digest_of(planned)}
    return found


def _plan(values: Mapping[str, Any], experiment: Experiment, kind: str) -> Plan:
    lines = str(values.get("params", ""))[:MAX_TEXT].splitlines()
    return plan(
        experiment,
        type=kind,
        old=str(values.get("old", "")),
        new=str(values.get("new", "")),
        params=cleared(parse_assignments([line.strip() for line in lines if line.strip()])),
    )


def _address(experiment: Experiment, kind: str, values: Mapping[str, Any] | None = None) -> str:
    query = {"type": kind}
    if values is not None:
        query |= {name: str(values.get(name, "")) for name in ("old", "new", "params")}
        query["plan"] = "1"
    return f"{reverse('admin:runs_app_run_parity', args=[experiment.pk])}?{urlencode(query)}"
