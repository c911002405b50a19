"""Tasks of the worker: short, repeatable, and without a result that anyone reads."""

from __future__ import annotations

from runs_app.executors.chosen import executor
from runs_app.lifecycle import finish as finishing
from runs_app.lifecycle import launch, reconcile


def start(run_pk: int) -> None:
    """Start the runs that may start on this machine; `run_pk` too waits its turn."""
    launch.start_next(executor().place)


def finish(run_pk: int) -> None:
    """Collect and close a run that ended on this machine."""
    finishing.finish(run_pk)


def tick(host: str) -> None:
    """Sync the runs of `host` with their folders."""
    reconcile.tick(host)


def advance_parity(parity_pk: int) -> None:
    """Take a comparison of old and new one step further."""
    from runs_app.parity.advance import advance

    advance(parity_pk)


def scan(job_pk: int) -> None:
    """Carry out all scans requested in the portal, not only `job_pk`."""
    from runs_app.lifecycle import scans

    scans.run_waiting()


def import_files(job_pk: int) -> None:
    """Plan and apply all large imports requested in the portal, not only `job_pk`."""
    from runs_app.lifecycle import imports

    imports.run_waiting()


def move_sets(run_pk: int) -> None:
    """Move on every run set that has something to do, not only that of `run_pk`."""
    from runs_app.sets import tick

    tick.tick_all()
