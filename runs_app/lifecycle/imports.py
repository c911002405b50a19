"""Plans and applies the large imports requested in the portal, one at a time on a machine."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q, QuerySet

from registry_app.choices import IMPORTS_AT_WORK, ImportState
from registry_app.imports import held_files
from registry_app.models import ImportJob
from runs_app.models.moments import not_after
from runs_app.system import locks

logger = logging.getLogger(__name__)

LOCK = "import.lock"
# A worker reports progress more often than this, except in the last part of applying.
SILENT = timedelta(seconds=15)


def waiting(*, before: datetime | None = None) -> QuerySet[ImportJob]:
    """Return the imports of this machine that wait for a worker, the oldest first.

    With `before`, only those unchanged since then; those that a worker has begun, only if it has
    been silent for longer than `SILENT`.
    """
    rows = ImportJob.objects.filter(state__in=IMPORTS_AT_WORK, host=settings.GUARDIANFLOW_HOST)
    if before is not None:
        is_new = Q(state__in=(ImportState.QUEUED, ImportState.CONFIRMED))
        fresh = is_new & not_after("state_at", before)
        rows = rows.filter(fresh | not_after("state_at", before - SILENT))
    return rows.order_by("pk")


def run_waiting() -> int:
    """Process the waiting imports; return how many steps, 0 if another process is doing so.

    A step whose process died is done again from the start.
    """
    # `guardianflow run` imports this module to ask what is due, and must not load the planner.
    from registry_app.imports.job import run_import_job

    done = 0
    with locks.hold(Path(settings.GUARDIANFLOW_HOME) / LOCK) as ours:
        while ours and (job := waiting().first()) is not None:
            run_import_job(job.pk)
            done += 1
    return done


def tidy() -> None:
    """Remove imports that were not confirmed within a day, with their uploaded files."""
    try:
        if held_files.forget_old():
            from registry_app.imports.job import forget_old

            forget_old()
    except OSError as error:
        logger.warning("old uploads not removed error=%s", error)
