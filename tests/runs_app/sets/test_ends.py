"""What a set became follows from what its runs became, also if that is known late."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.utils import timezone

from runs_app.choices import RunStatus, SetKind, SetState
from runs_app.executors.chosen import executor
from runs_app.lifecycle import finish
from runs_app.lifecycle.prepare import RunRequest
from runs_app.models import Run, RunSet
from runs_app.sets import changing, tick
from runs_app.sets.starting import Heading, start_together
from tests.runs_app.conftest import Home
from tests.runs_app.sets.chains import chain_of, chained, end_run, run_of, states

pytestmark = pytest.mark.django_db


def batch(home: Home, count: int = 2) -> RunSet:
    bct = home.experiment()
    requests = [RunRequest(experiment=bct, type="train") for _run in range(count)]
    return start_together(Heading(key=uuid4(), kind=SetKind.BATCH), requests, user=None)[0]


def is_closing(run: Run) -> None:
    """Its script has succeeded; what it left is being collected."""
    Run.objects.filter(pk=run.pk).update(
        status=RunStatus.FINALIZING,
        outcome=RunStatus.SUCCEEDED,
        started_at=timezone.now(),
        host=executor().place,
    )


def is_lost(run: Run) -> None:
    now = timezone.now()
    Run.objects.filter(pk=run.pk).update(
        status=RunStatus.LOST,
        outcome=RunStatus.LOST,
        started_at=now,
        finished_at=now,
        host=executor().place,
    )


def turns_up(run: Run) -> None:
    """The disk of a lost run is back, with the record that its script succeeded."""
    at = timezone.now().timestamp()
    run.folder.mkdir(parents=True, exist_ok=True)
    record = {"why": "exited", "exit_code": 0, "started_at": at, "finished_at": at}
    (run.folder / "exit.json").write_text(json.dumps(record))
    run.refresh_from_db()
    assert finish.begin(run)
    assert finish.finish(run.pk)


def test_a_set_of_which_everything_succeeded_has_succeeded_whoever_cancelled_it(
    home: Home,
) -> None:
    made = batch(home, 1)
    run = run_of(made, 1)
    is_closing(run)
    assert changing.cancel_set(made, user=None)
    end_run(run, succeeded=True)
    tick.tick_all()
    made.refresh_from_db()
    assert (made.state, states(made)) == (SetState.SUCCEEDED, ["succeeded"])


def test_a_lost_run_that_had_succeeded_corrects_its_set(home: Home) -> None:
    made = batch(home)
    end_run(run_of(made, 1), succeeded=True)
    is_lost(run_of(made, 2))
    tick.tick_all()
    made.refresh_from_db()
    assert (made.state, states(made)) == (SetState.FAILED, ["succeeded", "failed"])
    turns_up(run_of(made, 2))
    tick.tick_all()
    made.refresh_from_db()
    assert (made.state, states(made)) == (SetState.SUCCEEDED, ["succeeded", "succeeded"])


def test_a_chain_whose_lost_run_turns_up_goes_on_only_when_it_is_resumed(home: Home) -> None:
    made = chain_of(chained(home))
    is_lost(run_of(made, 1))
    tick.tick_all()
    turns_up(run_of(made, 1))
    tick.tick_all()
    made.refresh_from_db()
    assert (made.state, states(made)) == (SetState.FAILED, ["failed", "waiting", "waiting"])
