"""The form that requests runs: shows the exact command, then queues it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from django.contrib import admin, messages
from django.db import IntegrityError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    QueryDict,
)
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry_app.choices import EntryPointType
from registry_app.models import Experiment
from registry_app.reading import error_text
from runs_app.choices import SetKind
from runs_app.exceptions import RefusedError
from runs_app.lifecycle.prepare import RunRequest
from runs_app.lifecycle.submit import submit_many
from runs_app.models import HostHeartbeat, Run
from runs_app.preflight.command_groups import Commands, commands_of
from runs_app.preflight.script_choices import entry_point
from runs_app.sets.starting import Heading, start_chain, start_together
from runs_app.views import form_set
from runs_app.views.form_preview import Shown, checked, confirmed_request, outlined
from runs_app.views.form_selection import Selection, selection_of, types_offered
from runs_app.views.run_form import Card, blank_card, card_again, posted_card

# Query parameter of the list of runs that selects those that were queued together.
NUMBERS = "id__in"
FIELDS_TEMPLATE = "admin/runs_app/run/_parameters.html"
# The button that removes all refused experiments from the form.
LEAVE_OUT = "leave_out"


def new(request: HttpRequest) -> HttpResponse:
    """Show the form without starting anything; with POST, preview it or queue all or nothing.

    A command changed by a user without permission to run scripts is queued once it was read.
    """
    selection = selection_of(request)
    if request.method != "POST":
        cards = [card_again(selection.again)] if selection.again else _blank_cards(selection)
        commands = _commands(selection)
        shown = [outlined(card, commands) for card in cards]
        if len(cards) == 1:
            shown = [replace(shown[0], together=form_set.blank(cards[0]))]
        return _page(request, selection, shown, commands, token=uuid4())
    token = _token(request)
    commands = _commands(selection, request.POST)
    cards = [_posted(experiment, selection, request) for experiment in selection.experiments]
    shown = [_checked(card, commands, request.POST, alone=len(cards) == 1) for card in cards]
    if LEAVE_OUT in request.POST:
        return _without_refused(request, selection, shown, token=token)
    if "queue" not in request.POST or any(item.error for item in shown):
        refused = "queue" in request.POST
        return _page(request, selection, shown, commands, token=token, refused=refused)
    if commands.is_changed or not commands.all_read:
        messages.error(request, _why_not_read(commands))
        return _page(request, selection, shown, commands, token=token, status=422)
    if any(card.is_stale for card in cards):
        messages.warning(
            request,
            _("Script or sub-command changed. Check parameters and command, then queue it."),
        )
        return _page(request, selection, shown, commands, token=token)
    requests = [confirmed_request(card, commands, token=token) for card in cards]
    return _queue(request, selection, requests, shown, commands, token=token)


def preview(request: HttpRequest) -> JsonResponse:
    """Return the exact command of one card as JSON, or why it is refused; changes nothing."""
    selection = selection_of(request)
    card = _posted(selection.experiments[0], selection, request)
    shown = _checked(card, _commands(selection, request.POST), request.POST, alone=True)
    prepared = shown.prepared
    return JsonResponse(
        {
            "error": shown.error,
            "command": shown.command,
            "argv": list(prepared.argv) if prepared else [],
            "environment": shown.environment,
            "cwd": str(prepared.start_directory) if prepared else "",
            "warnings": shown.warnings,
            "can_force": shown.can_force,
            "offers_portal": shown.offers_portal,
            "together": list(shown.together.commands) if shown.together else [],
            "together_count": shown.together.count if shown.together else "",
        }
    )


def fields(request: HttpRequest) -> HttpResponse:
    """Return the parameters of the script or sub-command chosen in one card, as a fragment."""
    selection = selection_of(request)
    experiment = selection.experiments[0]
    script = request.POST.get(f"{experiment.pk}-script", "")
    if script and script == request.POST.get(f"{experiment.pk}-shown"):
        # Another sub-command of the same script: what was typed stays.
        card = _posted(experiment, selection, request)
        return HttpResponse(render_to_string(FIELDS_TEMPLATE, {"card": card}))
    card = (
        card_again(selection.again, script=script)
        if selection.again
        else blank_card(experiment, selection.type, script=script)
    )
    return HttpResponse(render_to_string(FIELDS_TEMPLATE, {"card": card}))


def _checked(card: Card, commands: Commands, data: QueryDict, *, alone: bool) -> Shown:
    """Show a submitted card; a card that is alone may make a grid, or be followed by a run."""
    shown = checked(card, commands)
    if not alone:
        return shown
    together = form_set.together_of(card, commands, data)
    # A grid may give what the card alone lacks.
    error = shown.error if together.kind is None else together.error
    return replace(shown, together=together, error=error)


def _token(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("token", ""))
    except ValueError:
        return uuid4()


def _blank_cards(selection: Selection) -> list[Card]:
    return [blank_card(experiment, selection.type) for experiment in selection.experiments]


def _posted(experiment: Experiment, selection: Selection, request: HttpRequest) -> Card:
    return posted_card(experiment, selection.type, request.POST, rerun_of=selection.again)


def _commands(selection: Selection, data: QueryDict | None = None) -> Commands:
    entries = {
        str(experiment.pk): entry_point(experiment, selection.type)
        for experiment in selection.experiments
    }
    if len(selection.experiments) == 1 and data is not None:
        entries |= form_set.second_entry(selection.experiments[0], selection.type, data)
    return commands_of({key: entry for key, entry in entries.items() if entry is not None}, data)


def _without_refused(
    request: HttpRequest, selection: Selection, shown: list[Shown], *, token: UUID
) -> HttpResponse:
    """Show the form again with the experiments that are not refused, keeping their input."""
    refused = [item.card.experiment.name for item in shown if item.error]
    kept = [item for item in shown if not item.error] or shown
    if len(kept) == len(shown):
        text = _("Nothing was skipped: all of them are refused.") if refused else ""
    else:
        text = _("Skipped: {names}.").format(names=", ".join(refused))
    if text:
        messages.info(request, text)
    selection = replace(selection, experiments=tuple(item.card.experiment for item in kept))
    return _page(request, selection, kept, _commands(selection, request.POST), token=token)


def _why_not_read(commands: Commands) -> str:
    if commands.is_changed:
        return _("Nothing was queued: a command was changed after this page was shown. Read it.")
    return _("Nothing was queued: read the changed commands at the top and tick them.")


def _queue(
    request: HttpRequest,
    selection: Selection,
    requests: list[RunRequest],
    shown: list[Shown],
    commands: Commands,
    *,
    token: UUID,
) -> HttpResponse:
    user: Any = request.user
    together = shown[0].together if len(shown) == 1 else None
    if len(requests) > 1 or (together is not None and together.kind is not None):
        return _queue_set(request, selection, requests, shown, commands, token=token)
    try:
        runs = submit_many(requests, user=user)
    except RefusedError as error:
        messages.error(request, error_text(error))
        return _page(request, selection, shown, commands, token=token)
    except IntegrityError:
        runs = list(Run.objects.filter(uuid__in=[run_request.uuid for run_request in requests]))
        if not runs:
            raise
        messages.warning(request, _("This form was sent before; nothing was queued again."))
        return HttpResponseRedirect(runs[0].get_absolute_url())
    _say_queued(request, len(runs))
    return HttpResponseRedirect(runs[0].get_absolute_url())


def _queue_set(
    request: HttpRequest,
    selection: Selection,
    requests: list[RunRequest],
    shown: list[Shown],
    commands: Commands,
    *,
    token: UUID,
) -> HttpResponse:
    """Queue a batch, a grid or a chain of two; once, also if the form is sent twice."""
    user: Any = request.user
    together = shown[0].together if len(shown) == 1 else None
    kind = together.kind if together is not None else None
    heading = Heading(
        key=token, kind=kind or SetKind.BATCH, name=str(EntryPointType(selection.type).label)
    )
    try:
        if together is not None and kind is SetKind.CHAIN:
            made, is_new = start_chain(heading, together.steps, user=user)
        elif together is not None and kind is SetKind.GRID:
            made, is_new = start_together(
                heading, together.requests, user=user, names=together.names
            )
        else:
            made, is_new = start_together(heading, requests, user=user)
    except RefusedError as error:
        messages.error(request, error_text(error))
        return _page(request, selection, shown, commands, token=token)
    if is_new:
        _say_queued(request, made.steps.filter(run__isnull=False).count())
    else:
        messages.warning(request, _("This form was sent before; nothing was queued again."))
    return HttpResponseRedirect(made.get_absolute_url())


def _say_queued(request: HttpRequest, count: int) -> None:
    text = ngettext("{count} run is queued.", "{count} runs are queued.", count)
    messages.success(request, text.format(count=count))
    if not any(host.is_alive() for host in HostHeartbeat.objects.all()):
        messages.warning(request, _("No worker is running; `guardianflow worker` starts one."))


def _page(
    request: HttpRequest,
    selection: Selection,
    shown: list[Shown],
    commands: Commands,
    *,
    token: UUID,
    refused: bool = False,
    status: int = 200,
) -> HttpResponse:
    if refused:
        messages.error(request, _("Nothing was queued. See what is refused below."))
    label = EntryPointType(selection.type).label
    title = (
        _("Run #{number} again").format(number=selection.again.pk)
        if selection.again
        else format_html("{}: {}", _("New run"), label)
    )
    context = {
        **admin.site.each_context(request),
        "title": title,
        "opts": Run._meta,
        "original": selection.again,
        "selection": selection,
        "shown": shown,
        "not_before": shown[0].card.not_before if shown else "",
        "token": token,
        "types": types_offered(selection),
        "groups": commands.groups,
        "refused_names": [item.card.experiment.name for item in shown if item.error],
    }
    return TemplateResponse(
        request, "admin/runs_app/run/new.html", context, status=422 if refused else status
    )
