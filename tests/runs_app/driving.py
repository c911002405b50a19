"""Takes a run to its end in the test's own process, by the functions a worker calls."""

from __future__ import annotations

import pytest

from registry_app.models import Experiment
from runs_app.choices import TERMINAL, RunStatus
from runs_app.executors.chosen import executor
from runs_app.lifecycle import finish, launch, observing
from runs_app.lifecycle.prepare import RunRequest
from runs_app.lifecycle.submit import submit
from runs_app.models import Run
from tests.waiting import wait_until

# What must be true whatever carries runs out.
on_each_executor = pytest.mark.parametrize("carrier", ["local", "spool"], indirect=True)


def queue(experiment: Experiment, **request: object) -> Run:
    return submit(RunRequest(experiment=experiment, type="train", **request), user=None)  # type: ignore[arg-type]


def start(run: Run) -> bool:
    return launch.start(run.pk, host=executor().place)


def reach(run: Run, status: RunStatus) -> Run:
    """Observe the run until it has this status."""

    def look() -> bool:
        observing.observe(run.pk)
        run.refresh_from_db()
        return run.status == status

    wait_until(look, what=f"run {run.pk} is {status}")
    return run


def end(run: Run) -> Run:
    """Observe and finish the run until it has ended."""

    def look() -> bool:
        observing.observe(run.pk)
        finish.finish(run.pk)
        run.refresh_from_db()
        return run.status in TERMINAL

    wait_until(look, what=f"run {run.pk} ends")
    return run


def run_to_end(experiment: Experiment, **request: object) -> Run:
    run = queue(experiment, **request)
    assert start(run)
    return end(run)
