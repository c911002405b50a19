"""Runs as entries of the timeline of an experiment."""

from __future__ import annotations

from datetime import datetime

from django.utils.html import format_html
from django.utils.safestring import SafeString

from registry_app.admin.details.events import Event, Part, Source, limited
from registry_app.files.visible import visible
from registry_app.models import Experiment
from runs_app.choices import ENDED_BADLY, RunStatus
from runs_app.models import Run
from runs_app.sentences import duration_text

_COLUMNS = (
    *("type", "version", "note", "status", "reason_code", "reason_values", "cause"),
    *("queued_at", "started_at", "finished_at", "queued_by__username"),
)


def runs_of(experiment: Experiment) -> Source:
    """Return the source of the runs of an experiment, each at the time it was queued."""

    def source(before: datetime | None, most: int) -> Part:
        rows = Run.objects.filter(experiment=experiment).select_related("queued_by").only(*_COLUMNS)
        if before is not None:
            rows = rows.filter(queued_at__lt=before)
        return limited([_event(run) for run in rows.order_by("-queued_at")[: most + 1]], most)

    return source


def _event(run: Run) -> Event:
    return Event(
        at=run.queued_at,
        kind=_kind(run),
        title=_title(run),
        by=str(run.queued_by or ""),
    )


def _kind(run: Run) -> str:
    if run.status in ENDED_BADLY:
        return "run-bad"
    return "run-good" if run.status == RunStatus.SUCCEEDED else "run"


def _title(run: Run) -> SafeString:
    """Return the run with how it ended: how long it took, or why it failed."""
    parts = [run.get_type_display(), run.get_status_display().lower()]
    if run.status in ENDED_BADLY:
        parts.append(run.cause_text or run.status_reason)
    elif run.duration is not None:
        parts.append(duration_text(run.duration))
    if run.version:
        parts.append(run.version)
    if run.note:
        parts.append(f"“{run.note}”")
    text = visible(" · ".join(filter(None, parts)))
    return format_html('<a href="{}">#{}</a> {}', run.get_absolute_url(), run.pk, text)
