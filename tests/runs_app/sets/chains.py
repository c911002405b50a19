"""Chains of which only the scripts are simulated.

A run ends by its row, with a kept file whose bytes say which run made it from which bytes.
"""

from __future__ import annotations

import hashlib
from itertools import pairwise
from uuid import uuid4

from django.utils import timezone

from registry_app.models import Experiment
from runs_app.choices import RunStatus, SetKind
from runs_app.executors.chosen import executor
from runs_app.models import Run, RunFile, RunSet, RunStep
from runs_app.sets.spec import FromStep, StepSpec
from runs_app.sets.starting import Heading, start_chain
from tests.factories import make_entry_point, make_script
from tests.runs_app.conftest import Home

WEIGHTS: dict[str, object] = {"name": "weights", "flag": "--weights"}
NAMES = ("train", "quant", "infer")


def chain_of(experiment: Experiment) -> RunSet:
    """Start a chain of three steps, of which each takes the file of the one before."""
    return begin(specs(experiment))


def begin(steps: list[StepSpec]) -> RunSet:
    heading = Heading(key=uuid4(), kind=SetKind.CHAIN)
    return start_chain(heading, steps, user=None)[0]


def run_of(made: RunSet, number: int) -> Run:
    run = made.steps.get(number=number).run
    assert run is not None
    return run


def states(made: RunSet) -> list[str]:
    return list(made.steps.values_list("state", flat=True))


def specs(experiment: Experiment) -> list[StepSpec]:
    return [
        StepSpec(experiment=experiment, type="train", name="train"),
        *(
            StepSpec(
                experiment=experiment,
                type="train",
                name=name,
                files={"weights": FromStep(step=before, file="*.pt")},
            )
            for before, name in pairwise(NAMES)
        ),
    ]


def end_run(run: Run, *, succeeded: bool) -> None:
    """End a queued run as a worker would: its kept file names it and what it was given."""
    status = RunStatus.SUCCEEDED if succeeded else RunStatus.FAILED
    step = RunStep.objects.filter(run=run).first()
    given = [item["sha256"] for item in step.bound] if step is not None else []
    data = f"{run.uuid} from {given}".encode()
    kept = run.folder / "outputs" / "best.pt"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(data)
    RunFile.objects.create(
        run=run,
        path="best.pt",
        change="created",
        size_bytes=len(data),
        kept="outputs/best.pt",
        sha256=hashlib.sha256(data).hexdigest(),
    )
    now = timezone.now()
    Run.objects.filter(pk=run.pk).update(
        status=status,
        outcome=status,
        exit_code=0 if succeeded else 1,
        started_at=now,
        finished_at=now,
        host=executor().place,
        summarised=1,
    )


def chained(home: Home) -> Experiment:
    bct = home.experiment(parameters=[])
    bct.scripts.all().delete()
    bct.entry_points.all().delete()
    make_entry_point(bct)
    make_script(bct, parameters=[WEIGHTS])
    return bct
