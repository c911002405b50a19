"""The page of a run: what it is, what it did, what it wrote; and what may be done with it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from registry_app.row_numbers import row_number
from runs_app.choices import ACTIVE, ENDED_BADLY, MlflowState, RunStatus
from runs_app.executors import notices
from runs_app.executors.isolation import is_unfenced, isolation_of, isolation_text
from runs_app.lifecycle.cancel import cancel
from runs_app.models import HIGHEST_PRIORITY, LOWEST_PRIORITY, Run, RunFile
from runs_app.models.queue_place import place_of, with_place
from runs_app.records.listing import kept_records
from runs_app.records.log_window import LOGS, size_of
from runs_app.records.metrics_summary import live_bytes, summarise_metrics
from runs_app.records.preview import kind_of
from runs_app.runner.folder import RunFolder
from runs_app.sentences import actor_text, duration_text
from runs_app.views.wording import (
    command_text,
    left_out_text,
    source_text,
    status_badge,
    value_text,
    waiting_text,
)

MOST_ROWS = 200
THUMBNAILS = 12
THUMBNAIL_BYTES = 2**21


def page(request: HttpRequest, run: Run) -> HttpResponse:
    """Return the whole page of one run."""
    user: Any = request.user
    files = list(run.files.all()[: MOST_ROWS + 1])
    isolation = isolation_of(RunFolder(run.folder))
    context = {
        **admin.site.each_context(request),
        "title": f"#{run.pk} {run.experiment}",
        "subtitle": run.get_type_display(),
        "run": run,
        "badge": status_badge(run.status),
        "command": command_text(run.argv),
        "warnings": notices.warnings_of(run),
        "duration": duration_text(run.duration),
        "time_limit": duration_text(run.time_limit),
        "cancelled_by": actor_text(run.cancel_requested_by),
        "params": [(name, value_text(value)) for name, value in run.params.items()],
        "waiting": waiting_text(run, place_of(run)),
        "gpus": list(run.gpu_leases.all()),
        "logs": _logs(run),
        "files": [_file(file) for file in files[:MOST_ROWS]],
        "more_files": len(files) > MOST_ROWS,
        "thumbnails": [one for one in files if _is_small_image(one)][:THUMBNAILS],
        "source_state": source_text(run.source_changed),
        "isolation": isolation_text(isolation),
        "is_unfenced": is_unfenced(isolation),
        "records": kept_records(run.folder),
        "metrics": summarise_metrics(run.folder),
        "mlflow_url": mlflow_url(run),
        "mlflow_done": run.mlflow_state == MlflowState.SENT,
        "again_runs": list(run.run_set.order_by("-pk")[:10]),
        "may_queue": user.has_perm("runs_app.queue_run"),
        "may_cancel": user.has_perm("runs_app.cancel_run"),
        "is_queued": run.status == RunStatus.QUEUED,
        "opts": Run._meta,
        "original": run,
    }
    return TemplateResponse(request, "admin/runs_app/run/detail.html", context)


def state(request: HttpRequest, pk: int) -> JsonResponse:
    """Return what of a run changes by itself."""
    run = get_object_or_404(Run.objects.select_related("experiment"), pk=pk)
    return JsonResponse(
        {
            **_changing(run, place_of(run)),
            "exit_code": run.exit_code,
            "can_cancel": run.can_cancel,
            "mlflow_state": run.mlflow_state,
            "warnings": notices.warnings_of(run),
            "metrics_bytes": live_bytes(run.folder) if run.is_active else 0,
            "logs": {name: filesizeformat(size_of(run.folder, name)) for name in LOGS},
        }
    )


def metrics(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the table of metrics alone; while the script runs, as far as they go."""
    run = get_object_or_404(Run, pk=pk)
    context = {"run": run, "metrics": summarise_metrics(run.folder)}
    return TemplateResponse(request, "admin/runs_app/run/_metrics.html", context)


def states(request: HttpRequest) -> JsonResponse:
    """Return the states of the runs that a list shows as active."""
    numbers = [number for one in request.GET.getlist("id") if (number := row_number(one))]
    runs: Any = with_place(Run.objects.filter(pk__in=numbers[:MOST_ROWS]))
    return JsonResponse({"runs": {str(run.pk): _changing(run, run.place) for run in runs}})


def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a run."""
    run = get_object_or_404(Run, pk=pk)
    user: Any = request.user
    if cancel(run, user=user):
        messages.success(request, _("Run #{number} is being cancelled.").format(number=pk))
    else:
        messages.warning(
            request, _("Run #{number} could not be cancelled any more.").format(number=pk)
        )
    return HttpResponseRedirect(run.get_absolute_url())


def reprioritise(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a queued run go earlier or later than others."""
    run = get_object_or_404(Run, pk=pk)
    try:
        priority = int(request.POST.get("priority", ""))
    except ValueError:
        priority = HIGHEST_PRIORITY + 1
    if not LOWEST_PRIORITY <= priority <= HIGHEST_PRIORITY:
        messages.error(request, _("The priority is a whole number from -100 to 100."))
    elif Run.objects.filter(pk=pk, status=RunStatus.QUEUED).update(priority=priority):
        messages.success(request, _("The priority is {priority} now.").format(priority=priority))
    else:
        messages.warning(request, _("The run is not queued any more."))
    return HttpResponseRedirect(run.get_absolute_url())


def mlflow_url(run: Run) -> str:
    """Return where MLflow's pages show the run; '' while it is not there."""
    if not (run.mlflow_run_id and run.mlflow_experiment_id):
        return ""
    base = str(settings.GUARDIANFLOW_MLFLOW_UI).rstrip("/")
    return f"{base}/#/experiments/{run.mlflow_experiment_id}/runs/{run.mlflow_run_id}"


def run_of(number: str) -> Run | None:
    """Return the run of this number with what its page shows."""
    runs = Run.objects.select_related("experiment", "queued_by", "rerun_of")
    return runs.filter(pk=row_number(number)).first()


def _logs(run: Run) -> list[dict[str, Any]]:
    """Return both logs; of a run that ended badly the errors are shown first, if it wrote any."""
    sizes = {name: size_of(run.folder, name) for name in LOGS}
    shown = "stderr" if run.status in ENDED_BADLY and sizes["stderr"] else "stdout"
    return [
        {"stream": name, "size": size, "is_shown": name == shown} for name, size in sizes.items()
    ]


def _changing(run: Run, place: int | None) -> dict[str, Any]:
    return {
        "status": run.status,
        "badge": status_badge(run.status),
        "reason": run.status_reason,
        "place": place,
        "waiting": waiting_text(run, place),
        "duration": duration_text(run.duration),
        "is_active": run.status in ACTIVE,
    }


def _file(file: RunFile) -> dict[str, Any]:
    return {
        "row": file,
        "kind": kind_of(file.path) if file.kept else "",
        "left_out": left_out_text(file.left_out),
    }


def _is_small_image(file: RunFile) -> bool:
    return bool(file.kept) and kind_of(file.path) == "image" and file.size_bytes <= THUMBNAIL_BYTES
