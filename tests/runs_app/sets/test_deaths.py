"""Chains whose portal dies before any statement: no step runs twice, none is forgotten.

The real tick, resume and rows; only the scripts are simulated: a run ends by its row, with a kept
file whose bytes say which run made it from which bytes.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from registry_app.models import Experiment
from runs_app.choices import RunStatus, SetKind, SetState
from runs_app.executors.chosen import executor
from runs_app.models import Run, RunFile, RunSet, RunStep
from runs_app.sets import changing, tick
from runs_app.sets.keys import member_key
from runs_app.sets.spec import FromStep, StepSpec
from runs_app.sets.starting import Heading, start_chain
from tests.factories import make_entry_point, make_script
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db

WEIGHTS: dict[str, object] = {"name": "weights", "flag": "--weights"}
NAMES = ("train", "quant", "infer")


class DiedError(BaseException):
    """The process is gone: nothing of ours handles this."""


class Deaths:
    """Kills the process before a statement, at random; what was not committed is gone."""

    def __init__(self, dice: random.Random, share: float) -> None:
        self.dice, self.share, self.count = dice, share, 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if self.dice.random() < self.share and not sql.startswith(("SAVEPOINT", "RELEASE", "ROLL")):
            self.count += 1
            raise DiedError
        return execute(sql, params, many, context)

    def survive(self, act: Callable[[], object]) -> None:
        """Do something in a process that may die anywhere; what was committed before stays."""
        with suppress(DiedError), connection.execute_wrapper(self):
            act()


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


def live_through(experiment: Experiment, deaths: Deaths) -> RunSet:
    """Take one chain to its end through deaths, failures and resumptions."""
    heading = Heading(key=uuid4(), kind=SetKind.CHAIN)
    while not RunSet.objects.filter(key=heading.key).exists():
        deaths.survive(lambda: start_chain(heading, specs(experiment), user=None))
    chain = RunSet.objects.get(key=heading.key)
    for _round in range(500):
        chain.refresh_from_db()
        if chain.state == SetState.SUCCEEDED:
            return chain
        if chain.state == SetState.FAILED:
            deaths.survive(lambda: changing.resume(chain, user=None))
            continue
        for run in Run.objects.filter(steps__run_set=chain, status=RunStatus.QUEUED):
            end_run(run, succeeded=deaths.dice.random() > 0.2)
        deaths.survive(lambda: tick.tick(chain.pk))
    raise AssertionError(f"chain {chain.pk} does not end: {list(chain.steps.values())}")


def check(chain: RunSet) -> None:
    """Each step succeeded once, and was given the bytes that the step before made."""
    steps = list(chain.steps.select_related("run"))
    runs = [step.run for step in steps]
    assert all(run is not None and run.status == RunStatus.SUCCEEDED for run in runs)
    tried = {pk for step in steps for pk in (*step.earlier, step.run_id)}
    assert len(tried) == sum(step.attempt for step in steps)
    for before, step in pairwise(steps):
        assert before.run is not None
        made = before.run.files.get()
        (given,) = step.bound
        assert (given["run"], given["sha256"]) == (before.run_id, made.sha256)
    # Every run of the chain is known to one of its steps: none was queued and forgotten.
    keys = {member_key(chain.key, step.number, n + 1) for step in steps for n in range(20)}
    assert set(Run.objects.filter(uuid__in=keys).values_list("pk", flat=True)) == tried


def chained(home: Home) -> Experiment:
    bct = home.experiment(parameters=[])
    bct.scripts.all().delete()
    bct.entry_points.all().delete()
    make_entry_point(bct)
    make_script(bct, parameters=[WEIGHTS])
    return bct


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_chain_survives_deaths_before_any_statement(home: Home, seed: int) -> None:
    deaths = Deaths(random.Random(seed), 0.05)  # noqa: S311
    check(live_through(chained(home), deaths))
    assert deaths.count


@pytest.mark.long
def test_a_thousand_chains_survive_deaths_before_any_statement(home: Home) -> None:
    bct = chained(home)
    deaths = Deaths(random.Random(17), 0.05)  # noqa: S311
    for _chain in range(1000):
        check(live_through(bct, deaths))
    assert deaths.count > 1000
