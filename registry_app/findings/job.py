"""Run a scan that was requested in the portal, and report its progress."""

from __future__ import annotations

import logging
import time
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from registry_app.exceptions import RegistryError
from registry_app.files import disk_full
from registry_app.findings.customers import with_known_customers
from registry_app.findings.decisions import decided
from registry_app.findings.environments import with_conda_environments
from registry_app.findings.known_customers import known_customers
from registry_app.findings.store import store
from registry_app.findings.vocabulary import vocabulary_of_rows
from registry_app.messages import Message, message_of, plain
from registry_app.models import ScanJob
from registry_app.scan.run import scan

logger = logging.getLogger(__name__)

# Often enough for a moving progress bar, rarely enough for a shared database.
SAVE_EVERY_S = 0.5


def ask_for_scan(by: Any) -> ScanJob:
    """Return the scan for this request: one that is already queued, or a new one."""
    with transaction.atomic():
        waiting = ScanJob.objects.filter(finished_at__isnull=True, started_at__isnull=True).first()
        return waiting or ScanJob.objects.create(requested_by=by)


def run_scan_job(pk: int) -> None:
    """Scan the roots for a job and store what was found; a finished job is skipped.

    A job that a worker began and did not finish restarts from the beginning: a scan changes
    nothing before it stores its result at the end.
    """
    job = ScanJob.objects.select_related("requested_by").filter(pk=pk).first()
    if job is None or job.finished_at is not None:
        return
    ScanJob.objects.filter(pk=pk).update(started_at=timezone.now(), done=0)
    summary: dict[str, object] = {}
    error: Message | None = None
    try:
        found = scan(
            settings.GUARDIANFLOW_ROOTS,
            progress=_Progress(pk),
            vocabulary=vocabulary_of_rows(),
            decided=decided(),
        )
        found = with_conda_environments(found)
        found = with_known_customers(found, known_customers())
        summary = store(found, by=job.requested_by)
    except (RegistryError, OSError) as problem:
        error = disk_full.explained(problem, message_of(problem))
    except Exception as problem:
        text = plain(f"{type(problem).__name__}: {problem}")
        _end(pk, summary, disk_full.explained(problem, text))
        raise
    _end(pk, summary, error)
    logger.info("scan ended job=%s error=%s", pk, error or "none")


def _end(pk: int, summary: dict[str, object], error: Message | None) -> None:
    ScanJob.objects.filter(pk=pk, finished_at__isnull=True).update(
        finished_at=timezone.now(), current="", summary=summary, error=error
    )


class _Progress:
    """Saves the progress of a job, at most every half second and at the end."""

    def __init__(self, pk: int) -> None:
        self._pk = pk
        self._saved_at = 0.0

    def __call__(self, done: int, total: int, name: str) -> None:
        now = time.monotonic()
        if done < total and now - self._saved_at < SAVE_EVERY_S:
            return
        self._saved_at = now
        ScanJob.objects.filter(pk=self._pk).update(done=done, total=total, current=name[:200])
