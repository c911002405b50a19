"""Queueing sets: all or nothing, and once."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.db.utils import OperationalError

from registry_app.models import Experiment
from registry_app.reading import message_text
from runs_app.choices import RunStatus, SetKind, SetState
from runs_app.exceptions import RefusedError, RunnerError
from runs_app.lifecycle.prepare import RunRequest
from runs_app.models import Run, RunSet
from runs_app.sets import changing, tick
from runs_app.sets.spec import FromStep, StepSpec
from runs_app.sets.starting import Heading, start_chain, start_together
from tests.runs_app.conftest import Home
from tests.runs_app.sets.chains import chained, end_run, run_of, specs, states

pytestmark = pytest.mark.django_db


def asked(*experiments: Experiment) -> list[RunRequest]:
    return [RunRequest(experiment=one, type="train") for one in experiments]


def heading() -> Heading:
    return Heading(key=uuid4(), kind=SetKind.BATCH)


def test_a_request_that_is_sent_twice_is_queued_once(home: Home) -> None:
    bct, what = home.experiment(), heading()
    first, is_new = start_together(what, asked(bct, bct), user=None)
    second, is_new_too = start_together(what, asked(bct, bct), user=None)
    assert (first.pk, is_new, is_new_too) == (second.pk, True, False)
    assert (Run.objects.count(), first.steps.count()) == (2, 2)


def test_one_refusal_queues_nothing(home: Home) -> None:
    bct = home.experiment()
    wrong = RunRequest(experiment=bct, type="train", script="missing.py")
    with pytest.raises(RunnerError):
        start_together(heading(), [*asked(bct), wrong], user=None)
    assert not Run.objects.exists()
    assert not RunSet.objects.exists()


def test_a_death_in_the_middle_leaves_nothing_and_the_next_try_queues_all(home: Home) -> None:
    bct, what = home.experiment(), heading()
    seen: list[str] = []

    def die(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        if "INSERT" in sql and 'runs_app_run"' in sql:
            seen.append(sql)
            if len(seen) == 2:
                raise OperationalError("the machine died")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(die), pytest.raises(OperationalError):
        start_together(what, asked(bct, bct, bct), user=None)
    assert not Run.objects.exists()
    made, is_new = start_together(what, asked(bct, bct, bct), user=None)
    assert (is_new, made.steps.count(), Run.objects.count()) == (True, 3, 3)


def test_a_set_ends_with_its_last_member_and_one_cancel_ends_all(home: Home) -> None:
    made, _new = start_together(
        heading(), asked(home.experiment(), home.experiment("b")), user=None
    )
    assert changing.cancel_set(made, user=None)
    made.refresh_from_db()
    assert made.state == SetState.CANCELLED
    assert set(Run.objects.values_list("status", flat=True)) == {RunStatus.CANCELLED}
    assert not tick.tick(made.pk)


def test_a_chain_says_all_refusals_at_once_with_names(home: Home) -> None:
    bct = home.experiment()
    source = FromStep(step="train", file="*")
    specs = [
        StepSpec(experiment=bct, type="train", name="train", script="missing.py"),
        StepSpec(experiment=bct, type="quant", name="quant", files={"weights": source}),
        StepSpec(
            experiment=bct, type="train", name="last", files={"w": FromStep(step="later", file="*")}
        ),
    ]
    with pytest.raises(RefusedError) as refused:
        start_chain(heading(), specs, user=None)
    said = str(refused.value)
    assert "3 of 3 are refused" in said
    assert all(f"{name}: " in said for name in ("train", "quant", "last"))
    assert not RunSet.objects.exists()


@pytest.mark.parametrize(
    ("error", "says_why"),
    [
        (OSError(28, "No space left on device"), True),
        # What cannot be written cannot be noted either; the worker tries it again all the same.
        (OperationalError("the database is locked"), False),
    ],
)
def test_what_is_stored_is_started_and_resumed_although_it_cannot_go_on_yet(
    home: Home, monkeypatch: pytest.MonkeyPatch, error: Exception, says_why: bool
) -> None:
    bct, what = chained(home), Heading(key=uuid4(), kind=SetKind.CHAIN)

    def fail(*_args: object, **_more: object) -> None:
        raise error

    with monkeypatch.context() as full:
        full.setattr(tick, "submit_prepared", fail)
        made, is_new = start_chain(what, specs(bct), user=None)
    assert (is_new, made.state, states(made)) == (True, SetState.ACTIVE, ["waiting"] * 3)
    assert bool(made.stuck and "No space left" in message_text(made.stuck)) == says_why
    tick.tick_all()
    end_run(run_of(made, 1), succeeded=False)
    tick.tick_all()
    with monkeypatch.context() as full:
        full.setattr(tick, "submit_prepared", fail)
        made = changing.resume(made, user=None)
    assert (made.state, states(made)) == (SetState.ACTIVE, ["waiting"] * 3)
    tick.tick_all()
    assert states(made) == ["queued", "waiting", "waiting"]
