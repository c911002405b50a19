"""Carries out the scans requested in the portal, one at a time on a machine."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet

from registry_app.models import ScanJob
from runs_app.system import locks

LOCK = "scan.lock"


def waiting() -> QuerySet[ScanJob]:
    """Return the scans that have not ended, the oldest first."""
    return ScanJob.objects.filter(finished_at__isnull=True).order_by("pk")


def run_waiting() -> int:
    """Carry out every waiting scan; return how many, 0 if another process is doing so.

    A scan whose process died is done again from the start.
    """
    # `guardianflow run` imports this module to ask what is due, and must not load the scanner.
    from registry_app.findings.job import run_scan_job

    done = 0
    with locks.hold(Path(settings.GUARDIANFLOW_HOME) / LOCK) as ours:
        while ours and (job := waiting().first()) is not None:
            run_scan_job(job.pk)
            done += 1
    return done
