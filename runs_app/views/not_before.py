"""Sets and clears the time before which a queued run, or those of a run set, are not started."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry_app.reading import error_text
from runs_app.exceptions import RefusedError
from runs_app.models import Run, RunQuerySet, RunSet
from runs_app.queue.not_before import parse_not_before, set_not_before
from runs_app.sentences import short_time


def of_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Set or clear the time of one queued run."""
    run = get_object_or_404(Run, pk=pk)
    _set(request, Run.objects.filter(pk=pk))
    return HttpResponseRedirect(run.get_absolute_url())


def of_set(request: HttpRequest, pk: int) -> HttpResponse:
    """Set or clear the time of every queued run of a set."""
    run_set = get_object_or_404(RunSet, pk=pk)
    _set(request, Run.objects.filter(steps__run_set=run_set))
    return HttpResponseRedirect(run_set.get_absolute_url())


def _set(request: HttpRequest, runs: RunQuerySet) -> None:
    try:
        moment = parse_not_before(request.POST.get("not_before", "").replace("\0", ""))
    except RefusedError as error:
        messages.error(request, error_text(error))
        return
    if not (count := set_not_before(runs, moment)):
        messages.warning(request, _("Nothing was changed: no run is queued any more."))
    elif moment is None:
        text = ngettext(
            "{count} run waits for no time any more.",
            "{count} runs wait for no time any more.",
            count,
        )
        messages.success(request, text.format(count=count))
    else:
        text = ngettext("{count} run waits until {when}.", "{count} runs wait until {when}.", count)
        messages.success(request, text.format(count=count, when=short_time(moment)))
