"""Chains whose portal dies before any statement: no step runs twice, none is forgotten.

The real tick, resume and rows; only the scripts are simulated.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from registry_app.models import Experiment
from runs_app.choices import RunStatus, SetKind, SetState
from runs_app.models import Run, RunSet
from runs_app.sets import changing, tick
from runs_app.sets.keys import member_key
from runs_app.sets.starting import Heading, start_chain
from tests.runs_app.conftest import Home
from tests.runs_app.sets.chains import chained, end_run, specs

pytestmark = pytest.mark.django_db


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
