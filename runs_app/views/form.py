"""The form in which runs are asked for: shows the exact command, then queues it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from django.contrib import admin, messages
from django.db import IntegrityError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    QueryDict,
)
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry_app.choices import EntryPointType
from registry_app.models import Experiment
from registry_app.row_numbers import row_number
from runs_app.exceptions import RefusedError, RunnerError
from runs_app.lifecycle.submit import PreparedRun, RunRequest, outline, prepare, submit_many
from runs_app.models import HostHeartbeat, Run
from runs_app.preflight.command_groups import Commands, commands_of
from runs_app.preflight.script_choices import entry_point
from runs_app.views.run_form import Card, blank_card, card_again, posted_card, request_of
from runs_app.views.wording import command_text

AT_MOST = 50
# What the list of runs takes to show those that were queued together.
NUMBERS = "id__in"
FIELDS_TEMPLATE = "admin/runs_app/run/_parameters.html"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A card with what would be started, or with why it may not be."""

    card: Card
    prepared: PreparedRun | None = None
    error: str = ""
    can_force: bool = False
    digest: str = ""

    @property
    def command(self) -> str:
        return command_text(self.prepared.argv) if self.prepared else ""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the address or the form says is to be run."""

    type: str
    experiments: tuple[Experiment, ...]
    again: Run | None = None

    @property
    def query(self) -> str:
        if self.again is not None:
            return f"again={self.again.pk}"
        return "&".join(
            [f"type={self.type}", *(f"experiment={one.pk}" for one in self.experiments)]
        )


def new(request: HttpRequest) -> HttpResponse:
    """Show the form, for which nothing is started; with POST preview it, or queue all or nothing.

    A command that was changed by a user who may not run scripts is queued once it was read.
    """
    asked = _asked(request)
    if request.method != "POST":
        cards = [card_again(asked.again)] if asked.again else _blank_cards(asked)
        commands = _commands(asked)
        shown = [_outlined(card, commands) for card in cards]
        return _page(request, asked, shown, commands, token=uuid4())
    token = _token(request)
    commands = _commands(asked, request.POST)
    cards = [_posted(one, asked, request) for one in asked.experiments]
    shown = [_shown(card, commands) for card in cards]
    if "queue" not in request.POST or any(one.error for one in shown):
        refused = "queue" in request.POST
        return _page(request, asked, shown, commands, token=token, refused=refused)
    if commands.is_changed or not commands.all_read:
        messages.error(request, _why_not_read(commands))
        return _page(request, asked, shown, commands, token=token, status=422)
    if any(card.is_stale for card in cards):
        messages.warning(
            request,
            _("The script was changed. Check its parameters and its command, then queue it."),
        )
        return _page(request, asked, shown, commands, token=token)
    requests = [_request_of(card, commands, token=token) for card in cards]
    return _queue(request, asked, requests, shown, commands, token=token)


def preview(request: HttpRequest) -> JsonResponse:
    """Return the exact command of one card as JSON, or why it is refused; changes nothing."""
    asked = _asked(request)
    shown = _shown(_posted(asked.experiments[0], asked, request), _commands(asked, request.POST))
    prepared = shown.prepared
    return JsonResponse(
        {
            "error": shown.error,
            "command": shown.command,
            "argv": list(prepared.argv) if prepared else [],
            "cwd": str(prepared.cwd) if prepared else "",
            "warnings": list(prepared.warnings) if prepared else [],
            "can_force": shown.can_force,
        }
    )


def fields(request: HttpRequest) -> HttpResponse:
    """Return the parameters of the script that was chosen in one card, as a piece of the page."""
    asked = _asked(request)
    experiment = asked.experiments[0]
    script = request.POST.get(f"{experiment.pk}-script", "")
    card = (
        card_again(asked.again, script=script)
        if asked.again
        else blank_card(experiment, asked.type, script=script)
    )
    return HttpResponse(render_to_string(FIELDS_TEMPLATE, {"card": card}))


def _asked(request: HttpRequest) -> Asked:
    data = request.POST if request.method == "POST" else request.GET
    runs = Run.objects.select_related("experiment")
    again = _found(runs, data["again"]) if data.get("again") else None
    numbers = [str(again.experiment_id)] if again else data.getlist("experiment")
    kind = again.type if again else data.get("type", "")
    if kind not in EntryPointType.values or not numbers or len(numbers) > AT_MOST:
        raise Http404(
            _("Choose a type and 1 to {most} experiments in the list.").format(most=AT_MOST)
        )
    rows = Experiment.objects.prefetch_related("entry_points", "scripts").filter(
        pk__in=[row_number(one) for one in numbers]
    )
    experiments = tuple(rows.order_by("name"))
    if not experiments:
        raise Http404(_("None of these experiments is there any more."))
    if again is not None:
        again.experiment = experiments[0]
    return Asked(type=kind, experiments=experiments, again=again)


def _found(runs: Any, number: str) -> Run:
    run = runs.filter(pk=row_number(number)).first()
    if run is None:
        raise Http404(_("There is no run {number}.").format(number=number))
    found: Run = run
    return found


def _token(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("token", ""))
    except ValueError:
        return uuid4()


def _blank_cards(asked: Asked) -> list[Card]:
    return [blank_card(one, asked.type) for one in asked.experiments]


def _posted(experiment: Experiment, asked: Asked, request: HttpRequest) -> Card:
    return posted_card(experiment, asked.type, request.POST, rerun_of=asked.again)


def _commands(asked: Asked, data: QueryDict | None = None) -> Commands:
    entries = (entry_point(one, asked.type) for one in asked.experiments)
    return commands_of([entry for entry in entries if entry is not None], data)


def _request_of(card: Card, commands: Commands, *, token: UUID | None = None) -> RunRequest:
    pk = card.experiment.pk
    read = commands.confirms(pk) if pk in commands.digests else ""
    return replace(request_of(card, token=token), confirm=read)


def _outlined(card: Card, commands: Commands) -> Shown:
    """Show a card by what is known; nothing is started."""
    return _looked_at(card, commands, outline)


def _shown(card: Card, commands: Commands) -> Shown:
    """Show a card that was sent; its interpreter is asked unless its command is to be read."""
    may_ask = commands.may_ask(card.experiment.pk)
    return _looked_at(card, commands, prepare if may_ask else outline)


def _looked_at(card: Card, commands: Commands, look: Callable[[RunRequest], PreparedRun]) -> Shown:
    digest = commands.digests.get(card.experiment.pk, "")
    try:
        prepared = look(_request_of(card, commands))
    except RunnerError as error:
        can_force = card.force or getattr(error, "can_be_forced", False)
        return Shown(card=card, error=str(error), can_force=can_force, digest=digest)
    return Shown(card=card, prepared=prepared, can_force=card.force, digest=digest)


def _why_not_read(commands: Commands) -> str:
    if commands.is_changed:
        return _("Nothing was queued: a command was changed after this page was shown. Read it.")
    return _("Nothing was queued: read the changed commands at the top and tick them.")


def _queue(
    request: HttpRequest,
    asked: Asked,
    requests: list[RunRequest],
    shown: list[Shown],
    commands: Commands,
    *,
    token: UUID,
) -> HttpResponse:
    try:
        runs = submit_many(requests, user=request.user)  # type: ignore[arg-type]
    except RefusedError as error:
        messages.error(request, str(error))
        return _page(request, asked, shown, commands, token=token)
    except IntegrityError:
        runs = list(Run.objects.filter(uuid__in=[one.uuid for one in requests]))
        if not runs:
            raise
        messages.warning(request, _("This form was sent before; nothing was queued again."))
        return HttpResponseRedirect(_address_of(runs))
    _say_queued(request, runs)
    return HttpResponseRedirect(_address_of(runs))


def _say_queued(request: HttpRequest, runs: list[Run]) -> None:
    text = ngettext("{count} run is queued.", "{count} runs are queued.", len(runs))
    messages.success(request, text.format(count=len(runs)))
    if not any(host.is_alive() for host in HostHeartbeat.objects.all()):
        messages.warning(request, _("No worker is running; `guardianflow worker` starts one."))


def _address_of(runs: list[Run]) -> str:
    if len(runs) == 1:
        return runs[0].get_absolute_url()
    numbers = ",".join(str(run.pk) for run in runs)
    return f"{reverse('admin:runs_app_run_changelist')}?{NUMBERS}={numbers}"


def _page(
    request: HttpRequest,
    asked: Asked,
    shown: list[Shown],
    commands: Commands,
    *,
    token: UUID,
    refused: bool = False,
    status: int = 200,
) -> HttpResponse:
    if refused:
        messages.error(request, _("Nothing was queued. See what is refused below."))
    label = EntryPointType(asked.type).label
    title = (
        _("Run #{number} again").format(number=asked.again.pk)
        if asked.again
        else format_html("{}: {}", _("New run"), label)
    )
    context = {
        **admin.site.each_context(request),
        "title": title,
        "opts": Run._meta,
        "original": asked.again,
        "asked": asked,
        "shown": shown,
        "token": token,
        "types": EntryPointType.choices,
        "groups": commands.groups,
        "is_refused": any(one.error for one in shown),
    }
    return TemplateResponse(
        request, "admin/runs_app/run/new.html", context, status=422 if refused else status
    )
