"""What happened at the sites so far: runs that were carried out, then moved into the past."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.browser.world import tree


@dataclass(frozen=True, kw_only=True)
class PastRun:
    """A run of a directory, and how many hours ago it was."""

    directory: str
    hours_ago: float
    params: dict[str, Any] = field(default_factory=dict)
    by: str = "minsu"


def helmet_runs() -> Iterator[PastRun]:
    """Twenty good runs, the best of them in the middle, and one that needed too much memory."""
    rates = (0.1, 0.05, 0.03, 0.02, 0.01, 0.008, 0.005, 0.002, 0.001, 0.0005)
    for number in range(20):
        params: dict[str, Any] = {"lr": rates[number % 10], "seed": number // 10}
        if number == BEST:
            params["imgsz"] = 960
        yield PastRun(directory=tree.HELMET.name, hours_ago=500 - 24 * number, params=params)
    yield PastRun(directory=tree.HELMET.name, hours_ago=5, params={"batch": 64})


# The place of the best among the twenty, from 0.
BEST = 14

RUNS = (
    *helmet_runs(),
    PastRun(directory=tree.HELMET.name, hours_ago=4, params={"data": "data_night.yaml"}),
    PastRun(directory=tree.FORKLIFT.name, hours_ago=200, by="jiho"),
    PastRun(directory=tree.FORKLIFT.name, hours_ago=30, params={"lr": 0.5}, by="jiho"),
    PastRun(directory=tree.FIRE.name, hours_ago=900, params={"lr": 0.02}, by="jiho"),
    PastRun(directory=tree.FIRE.name, hours_ago=700, params={"lr": 0.01}, by="jiho"),
    PastRun(directory=tree.HOOK.name, hours_ago=60, params={"data": "data_v2.yaml"}),
)
EPOCHS = 40


def carry_out() -> None:
    """Carry out all runs, in their order, in this process and without a worker."""
    from django.contrib.auth.models import User

    from registry_app.models import Experiment
    from runs_app.lifecycle.prepare import RunRequest
    from runs_app.lifecycle.submit import submit
    from tests.runs_app import driving

    people = {user.username: user for user in User.objects.all()}
    experiments = {one.name: one for one in Experiment.objects.all()}
    for past in RUNS:
        run = submit(
            RunRequest(experiment=experiments[past.directory], type="train", params=past.params),
            user=people[past.by],
        )
        assert driving.start(run), run.status_reason
        _move_back(driving.end(run).pk, past.hours_ago)


def _move_back(pk: int, hours: float) -> None:
    """Let a run have been in the past; and MLflow is no part of the stories."""
    from runs_app.choices import MlflowState, RunStatus
    from runs_app.models import Run

    run = Run.objects.get(pk=pk)
    back = timedelta(hours=hours)
    # A training takes longer than these scripts; a failed one ends sooner.
    took = timedelta(minutes=35 + pk * 7 % 19 if run.status == RunStatus.SUCCEEDED else 2)
    queued = run.queued_at - back - took
    Run.objects.filter(pk=pk).update(
        queued_at=queued,
        queued_date=timezone.localdate(queued),
        started_at=run.started_at and run.started_at - back - took,
        duration_s=took.total_seconds(),
        finished_at=run.finished_at and run.finished_at - back,
        mlflow_state=MlflowState.SENT,
    )
