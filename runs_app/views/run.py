"""The page of a run: what it is, what it did, what it wrote, and its actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from registry_app.reading import message_text
from registry_app.row_numbers import row_number
from runs_app.choices import ACTIVE, ENDED_BADLY, MlflowState, RunStatus
from runs_app.comparing.standing import Beside, beside
from runs_app.executors import notices
from runs_app.executors.isolation import is_unfenced, isolation_of, isolation_text
from runs_app.lifecycle import without_worker
from runs_app.lifecycle.cancel import cancel
from runs_app.models import (
    HIGHEST_PRIORITY,
    LOWEST_PRIORITY,
    Run,
    RunFile,
    RunInput,
    RunSet,
    RunStep,
)
from runs_app.models.queue_place import place_of, with_place
from runs_app.records import results
from runs_app.records.listing import kept_records
from runs_app.records.logs.opening import LOGS, size_of
from runs_app.records.metrics_summary import live_bytes
from runs_app.records.preview import kind_of
from runs_app.runner.folder import RunFolder
from runs_app.runner.outputs.metric_points import SourceRecord
from runs_app.sentences import actor_text, duration_text
from runs_app.views.curves import Drawn, Role, curves_context
from runs_app.views.log import MERGED
from runs_app.views.page.classes import class_table
from runs_app.views.page.figures import figures_of
from runs_app.views.page.file_names import download_name
from runs_app.views.page.made_of import made_of
from runs_app.views.page.parameters import parameters_of
from runs_app.views.page.time_left import time_left, usual_seconds, usual_text
from runs_app.views.remarks import label_text, may_write
from runs_app.views.wording import (
    command_text,
    source_text,
    status_badge,
    waiting_text,
)

MAX_ROWS = 200
# Names of values that were not taken for the same reason.
MAX_SKIPPED = 20
THUMBNAILS = 12
# Earlier runs whose curves are drawn.
EARLIER = 5
THUMBNAIL_BYTES = 2**21
_OF_SET = ("pk", "kind", "name")


def page(request: HttpRequest, run: Run) -> HttpResponse:
    """Return the whole page of one run."""
    user: Any = request.user
    files = list(run.files.all()[: MAX_ROWS + 1])
    isolation = isolation_of(RunFolder(run.folder))
    others = beside(run, most=EARLIER)
    usual_s = usual_seconds(others.earlier)
    context = {
        **admin.site.each_context(request),
        "title": f"#{run.pk} {run.experiment}",
        "subtitle": run.get_type_display(),
        "run": run,
        "run_set": _set_of(run),
        "badge": status_badge(run.status, looks_wrong=run.looks_wrong),
        "command": command_text(run.argv),
        "warnings": notices.warnings_of(run),
        "duration": duration_text(run.duration),
        "time_limit": duration_text(run.time_limit),
        "cancelled_by": actor_text(run.cancel_requested_by),
        "parameters": parameters_of(run, others.previous),
        "previous": others.previous,
        "made_of": made_of(run, others.previous),
        "waiting": waiting_text(run, place_of(run)),
        "gpus": list(run.gpu_leases.all()),
        "logs": _logs(run),
        "ended_badly": run.status in ENDED_BADLY,
        "figures": figures_of(run, others),
        "progress": time_left(run, usual_s),
        "usual_s": round(usual_s) if usual_s else None,
        "usual": usual_text(others.earlier),
        "curves": curves_context(_drawn(run, others), is_live=run.is_active, past_of=run),
        "files": [_file(run, file) for file in files[:MAX_ROWS]],
        "inputs": [_input(row) for row in run.inputs.all()],
        "more_files": len(files) > MAX_ROWS,
        "has_folder": run.started_at is not None and run.folder_removed_at is None,
        "archive_bytes": 0 if len(files) > MAX_ROWS else sum(f.size_bytes for f in files if f.kept),
        "may_remark": may_write(user),
        "labels": label_text(run),
        "thumbnails": [file for file in files if _is_small_image(file)][:THUMBNAILS],
        "source_state": source_text(run.source_changed),
        "isolation": isolation_text(isolation),
        "is_unfenced": is_unfenced(isolation),
        "records": kept_records(run.folder),
        **_results(run, files),
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
    """Return those facts of a run that change while its page is open.

    `usual` is how many seconds runs like it took, as the page knows it.
    """
    run = get_object_or_404(Run.objects.select_related("experiment"), pk=pk)
    if without_worker.look_at([run]):
        run.refresh_from_db()
    return JsonResponse(
        {
            **_changing(run, place_of(run)),
            "progress": _progress(run, request.GET.get("usual", "")),
            "exit_code": run.exit_code,
            "can_cancel": run.can_cancel,
            "mlflow_state": run.mlflow_state,
            "warnings": notices.warnings_of(run),
            "metrics_bytes": live_bytes(run.folder) if run.is_active else 0,
            "logs": {name: filesizeformat(size_of(run.folder, name)) for name in LOGS},
        }
    )


def metrics(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the table of metrics alone; while the script runs, the metrics so far."""
    run = get_object_or_404(Run.objects.select_related("experiment"), pk=pk)
    figures = figures_of(run, beside(run, most=EARLIER))
    context = {"run": run, "figures": figures, "with_figures": True, **_results(run)}
    return TemplateResponse(request, "admin/runs_app/run/_metrics.html", context)


def _results(run: Run, files: Sequence[RunFile] = ()) -> dict[str, Any]:
    """Return the metrics, and what was read, as the page shows them, with links to its files."""
    found = results.read(run.folder)
    places = {file.path: _place(file) for file in files if file.kept and kind_of(file.path)}
    return {
        "metrics": [(metric, places.get(metric.file, "")) for metric in found.metrics[:MAX_ROWS]],
        "class_table": class_table(found.metrics, run.experiment.classes),
        "more_metrics": max(0, len(found.metrics) - MAX_ROWS),
        "results": [
            _source(source) | {"address": places.get(source.source, "")}
            for source in found.sources[:MAX_ROWS]
        ],
        "is_older": found.is_older,
    }


def _place(file: RunFile) -> str:
    return reverse("admin:runs_app_run_file", args=[file.run_id, file.pk])


def _drawn(run: Run, others: Beside) -> list[Drawn]:
    """Return the runs whose curves the page draws: this one, the best one and some earlier ones."""
    drawn = [Drawn(run=run, role=Role.THIS, label=_("this run"))]
    best = others.best
    if best is not None and best.pk != run.pk:
        label = _("#{number}, the best").format(number=best.pk)
        drawn.append(Drawn(run=best, role=Role.BEST, label=label))
    return drawn + [
        Drawn(run=earlier, role=Role.EARLIER, label=f"#{earlier.pk}")
        for earlier in others.earlier
        if best is None or earlier.pk != best.pk
    ]


def _source(source: SourceRecord) -> dict[str, Any]:
    remarks = [*([source.reason] if source.reason else []), *source.notes]
    return {
        "name": source.source,
        "reader": source.reader,
        "points": source.points,
        "remarks": [message_text(message) for message in remarks],
        "skipped": _skipped(source),
    }


def _skipped(source: SourceRecord) -> list[tuple[str, str]]:
    """Return why values were not taken, each reason with the first names."""
    by_reason: dict[str, list[str]] = {}
    for name, skipped in source.skipped.items():
        by_reason.setdefault(message_text(skipped.reason), []).append(name)
    return [
        (reason, ", ".join([*names[:MAX_SKIPPED], *(["…"] if len(names) > MAX_SKIPPED else [])]))
        for reason, names in by_reason.items()
    ]


def states(request: HttpRequest) -> JsonResponse:
    """Return the states of the runs that a list shows as active."""
    numbers = [number for text in request.GET.getlist("id") if (number := row_number(text))]
    runs: Any = with_place(Run.objects.filter(pk__in=numbers[:MAX_ROWS]))
    if without_worker.look_at(runs):
        runs = runs.all()
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
    """Change the priority of a queued run."""
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
    """Return the URL of the run in MLflow; '' while it is not there."""
    if not (run.mlflow_run_id and run.mlflow_experiment_id):
        return ""
    base = str(settings.GUARDIANFLOW_MLFLOW_UI).rstrip("/")
    return f"{base}/#/experiments/{run.mlflow_experiment_id}/runs/{run.mlflow_run_id}"


def run_of(number: str) -> Run | None:
    """Return the run with this number and the related rows that its page shows."""
    step = RunStep.objects.filter(run=OuterRef("pk"))
    runs = Run.objects.select_related("experiment", "queued_by", "rerun_of").annotate(
        **{f"set_{name}": Subquery(step.values(f"run_set__{name}")[:1]) for name in _OF_SET}
    )
    found = runs.filter(pk=row_number(number))
    run = found.first()
    return found.first() if run and without_worker.look_at([run]) else run


def _set_of(run: Any) -> RunSet | None:
    """Return the run set that a run fetched by `run_of` belongs to; no query."""
    values = {name: getattr(run, f"set_{name}", None) for name in _OF_SET}
    return RunSet(**values) if values["pk"] is not None else None


def _logs(run: Run) -> list[dict[str, Any]]:
    """Return both logs and their merge; of a run that ended badly, stderr is shown if not empty."""
    sizes = {name: size_of(run.folder, name) for name in LOGS}
    shown = "stderr" if run.status in ENDED_BADLY and sizes["stderr"] else "stdout"
    return [
        *(
            {"stream": name, "size": size, "is_shown": name == shown}
            for name, size in sizes.items()
        ),
        {"stream": MERGED, "is_merged": True},
    ]


def _progress(run: Run, usual: str) -> dict[str, Any] | None:
    usual_s = float(usual) if usual.isdecimal() and len(usual) < 12 else None
    found = time_left(run, usual_s)
    return asdict(found) if found else None


def _changing(run: Run, place: int | None) -> dict[str, Any]:
    return {
        "status": run.status,
        "label": run.get_status_display(),
        "badge": status_badge(run.status, looks_wrong=run.looks_wrong),
        "reason": run.explanation,
        "place": place,
        "waiting": waiting_text(run, place),
        "duration": duration_text(run.duration),
        "is_active": run.status in ACTIVE,
    }


def _file(run: Run, file: RunFile) -> dict[str, Any]:
    return {
        "row": file,
        "kind": kind_of(file.path) if file.kept else "",
        "name": download_name(run, file.path),
        "left_out": message_text(file.left_out) if file.left_out else "",
    }


def _input(row: RunInput) -> dict[str, Any]:
    left_out = message_text(row.left_out) if row.left_out else ""
    return {"row": row, "left_out": left_out}


def _is_small_image(file: RunFile) -> bool:
    return bool(file.kept) and kind_of(file.path) == "image" and file.size_bytes <= THUMBNAIL_BYTES
