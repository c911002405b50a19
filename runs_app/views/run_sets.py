"""The page of a run set: the state of each member, its exact command, refusals; its one cancel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from registry_app.fields.confirmation import all_unconfirmed
from registry_app.messages import Message
from registry_app.reading import error_text, message_text
from runs_app.choices import RunStatus, SetState, StepState
from runs_app.exceptions import RefusedError
from runs_app.models import Run, RunSet, RunStep
from runs_app.preflight.command_groups import commands_of, groups_of
from runs_app.sentences import actor_text
from runs_app.sets.changed import changed_since
from runs_app.sets.changing import cancel_set, resume
from runs_app.sets.resuming import entries_left, form_key, reason_against, refused_at_once
from runs_app.views.wording import command_text, status_badge

_TONES = {
    SetState.ACTIVE: "busy",
    SetState.SUCCEEDED: "good",
    SetState.FAILED: "bad",
    SetState.CANCELLED: "quiet",
}
_STEP_TONES = {StepState.REFUSED: "bad", StepState.WAITING: "quiet", StepState.CANCELLED: "quiet"}


@dataclass(frozen=True, kw_only=True)
class MemberShown:
    """One member: its run with state and command, or what it waits for."""

    step: RunStep
    badge: SafeString
    command: str
    why: str
    earlier: tuple[Run, ...]
    files: tuple[str, ...]


def set_badge(state: str) -> SafeString:
    """Return the state of a set as a coloured badge."""
    return format_html(
        '<span class="gfr-badge gfr-{}">{}</span>',
        _TONES[SetState(state)],
        SetState(state).label,
    )


def page(request: HttpRequest, run_set: RunSet) -> HttpResponse:
    """Return the page of one run set."""
    user: Any = request.user
    steps = list(run_set.steps.select_related("experiment", "run__experiment"))
    queued = [step.run for step in steps if step.run and step.run.status == RunStatus.QUEUED]
    numbers = {pk for step in steps for pk in step.earlier}
    earlier = {run.pk: run for run in Run.objects.filter(pk__in=numbers)} if numbers else {}
    may_queue = user.has_perm("runs_app.queue_run")
    against = reason_against(run_set, steps) if run_set.can_resume else None
    can_resume = may_queue and run_set.can_resume and against is None
    waiting = all_unconfirmed(list(entries_left(steps).values())) if can_resume else []
    context = {
        **admin.site.each_context(request),
        "title": str(run_set),
        "run_set": run_set,
        "badge": set_badge(run_set.state),
        "members": [_shown(step, earlier) for step in steps],
        "stuck": message_text(run_set.stuck) if run_set.is_active and run_set.stuck else "",
        "left_out": [
            (name, message_text(Message.from_json(row))) for name, row in run_set.left_out
        ],
        "changes": map(message_text, changed_since(steps) if run_set.can_resume else ()),
        "not_resumable": message_text(against) if against else "",
        "can_resume": can_resume,
        "commands": {form_key(item.entry_point): item.digest for item in waiting},
        "groups": groups_of(waiting),
        "cancelled_by": actor_text(run_set.cancel_requested_by),
        "may_cancel": user.has_perm("runs_app.cancel_run"),
        "may_queue": may_queue,
        "has_queued": bool(queued),
        "not_before": max((run.not_before for run in queued if run.not_before), default=None),
        "opts": RunSet._meta,
        "original": run_set,
    }
    return TemplateResponse(request, "admin/runs_app/runset/detail.html", context)


def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel what has not ended of a set."""
    run_set = get_object_or_404(RunSet, pk=pk)
    user: Any = request.user
    if cancel_set(run_set, user=user):
        messages.success(request, _("The run set is being cancelled."))
    else:
        messages.warning(request, _("The run set had ended, or was being cancelled already."))
    return HttpResponseRedirect(run_set.get_absolute_url())


def try_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Resume a chain from the step that failed, with the changed commands that were ticked."""
    run_set = get_object_or_404(RunSet, pk=pk)
    user: Any = request.user
    steps = run_set.steps.select_related("run")
    commands = commands_of(entries_left(steps), request.POST)
    try:
        made = resume(run_set, user=user, confirm={commands.digests[key] for key in commands.read})
    except RefusedError as error:
        messages.error(request, error_text(error))
        return HttpResponseRedirect(run_set.get_absolute_url())
    if (reason := refused_at_once(made)) is not None:
        messages.error(request, message_text(reason))
    else:
        messages.success(request, _("The chain goes on from the step that had not succeeded."))
    return HttpResponseRedirect(run_set.get_absolute_url())


def sets_of(run: Run) -> Iterable[RunSet]:
    """Return the sets that a run belongs to; at most one now."""
    return RunSet.objects.filter(steps__run=run)


def _shown(step: RunStep, earlier: dict[int, Run]) -> MemberShown:
    run = step.run
    if run is not None:
        badge = status_badge(RunStatus(run.status), looks_wrong=run.looks_wrong)
        why = run.explanation
    else:
        state = StepState(step.state)
        badge = format_html(
            '<span class="gfr-badge gfr-{}">{}</span>', _STEP_TONES.get(state, "quiet"), state.label
        )
        why = message_text(step.why) if step.why else ""
    return MemberShown(
        step=step,
        badge=badge,
        command=command_text(run.argv) if run is not None else "",
        why=why,
        earlier=tuple(earlier[pk] for pk in step.earlier if pk in earlier),
        files=tuple(str(item.get("path") or item.get("reads")) for item in step.bound),
    )
