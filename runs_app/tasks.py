"""What a worker can be asked for: short, repeatable, and without a result that matters."""

from __future__ import annotations

from django.conf import settings

from runs_app.lifecycle import finish as finishing
from runs_app.lifecycle import launch, reconcile
from runs_app.tracking import outbox


def start(run_pk: int) -> None:
    """Start what may start on this machine; the run that was rung for waits its turn too."""
    launch.start_next(settings.GUARDIANFLOW_HOST)


def finish(run_pk: int) -> None:
    """Collect and close a run that ended on this machine."""
    finishing.finish(run_pk)


def send(run_pk: int) -> None:
    """Tell MLflow about a run that ended on this machine."""
    outbox.send(run_pk)


def tick(host: str) -> None:
    """Bring the runs of `host` in line with their folders."""
    reconcile.tick(host)


def scan(job_pk: int) -> None:
    """Carry out the scans that were asked for in the portal, this one and any other."""
    from runs_app.lifecycle import scans

    scans.run_waiting()


def import_files(job_pk: int) -> None:
    """Plan and apply the large imports that were asked for, this one and any other."""
    from runs_app.lifecycle import imports

    imports.run_waiting()
