"""Takes a run to its end in the test's own process, by the functions a worker calls."""

from __future__ import annotations

from django.conf import settings

from registry_app.models import Experiment
from runs_app.choices import TERMINAL, RunStatus
from runs_app.lifecycle import finish, launch, reconcile
from runs_app.lifecycle.submit import RunRequest, submit
from runs_app.models import Run
from tests.waiting import wait_until


def queue(experiment: Experiment, **wish: object) -> Run:
    return submit(RunRequest(experiment=experiment, type="train", **wish), user=None)  # type: ignore[arg-type]


def start(run: Run) -> bool:
    return launch.start(run.pk, host=settings.GUARDIANFLOW_HOST)


def reach(run: Run, status: RunStatus) -> Run:
    """Observe the run until it has this status."""

    def look() -> bool:
        reconcile.observe(run.pk)
        run.refresh_from_db()
        return run.status == status

    wait_until(look, what=f"run {run.pk} is {status}")
    return run


def end(run: Run) -> Run:
    """Observe and finish the run until it has ended."""

    def look() -> bool:
        reconcile.observe(run.pk)
        finish.finish(run.pk)
        run.refresh_from_db()
        return run.status in TERMINAL

    wait_until(look, what=f"run {run.pk} ends")
    return run


def run_to_end(experiment: Experiment, **wish: object) -> Run:
    run = queue(experiment, **wish)
    assert start(run)
    return end(run)
