"""Chains over several machines: a step starts where the files are that it takes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from registry_app.reading import message_text
from runs_app.executors.chosen import executor
from runs_app.models import HostHeartbeat, Run, RunSet
from runs_app.queue import admission, hosts
from runs_app.queue.scheduling import Start, Wait
from runs_app.sets import tick
from runs_app.sets.spec import FromStep, StepSpec
from runs_app.texts import reasons
from tests.runs_app.conftest import Home
from tests.runs_app.sets.chains import begin, chain_of, chained, end_run, run_of, states

pytestmark = pytest.mark.django_db

OTHER = "gpu2"


def ends_on(run: Run, host: str) -> None:
    end_run(run, succeeded=True)
    Run.objects.filter(pk=run.pk).update(host=host)


def why_stuck(chain: RunSet) -> str:
    chain.refresh_from_db()
    return message_text(chain.stuck) if chain.stuck else ""


def test_the_machine_that_has_the_files_moves_the_chain_on(home: Home, settings: Settings) -> None:
    chain = chain_of(chained(home))
    ends_on(run_of(chain, 1), OTHER)
    tick.tick_all()
    assert states(chain) == ["succeeded", "waiting", "waiting"]
    waits = f"It waits for a worker of {OTHER}: the files that its next step takes are only there."
    assert why_stuck(chain) == waits
    tick.tick_all()
    assert why_stuck(chain) == waits
    settings.GUARDIANFLOW_HOST = OTHER
    tick.tick_all()
    assert states(chain) == ["succeeded", "queued", "waiting"]
    assert why_stuck(chain) == ""
    assert run_of(chain, 2).host == OTHER


def test_a_chain_does_not_complain_while_the_other_machine_is_at_work(home: Home) -> None:
    chain = chain_of(chained(home))
    ends_on(run_of(chain, 1), OTHER)
    hosts.beat(OTHER)
    tick.tick_all()
    assert (states(chain), why_stuck(chain)) == (["succeeded", "waiting", "waiting"], "")
    long_ago = timezone.now() - timedelta(hours=1)
    HostHeartbeat.objects.filter(host=OTHER).update(tick_at=long_ago)
    tick.tick_all()
    assert OTHER in why_stuck(chain)


def test_a_step_is_started_where_its_files_are(home: Home) -> None:
    chain = chain_of(chained(home))
    end_run(run_of(chain, 1), succeeded=True)
    tick.tick_all()
    step = run_of(chain, 2)
    here = executor().place
    assert step.host == here
    for host in (here, OTHER):
        hosts.beat(host)
    assert [start.run for start in admission.snapshot(here).starts(here)] == [step.pk]
    assert admission.snapshot(OTHER).starts(OTHER) == []
    assert isinstance(admission.decide_alone(step, host=here), Start)
    long_ago = timezone.now() - timedelta(hours=1)
    HostHeartbeat.objects.filter(host=here).update(tick_at=long_ago)
    waits = admission.decide_alone(step, host=OTHER)
    assert isinstance(waits, Wait)
    assert waits.reason == reasons.WAITS_FOR_FILES(host=here)


def test_a_step_without_files_goes_on_anywhere(home: Home) -> None:
    bct = chained(home)
    plain = [StepSpec(experiment=bct, type="train", name=name) for name in ("train", "again")]
    chain = begin(plain)
    ends_on(run_of(chain, 1), OTHER)
    tick.tick_all()
    assert states(chain) == ["succeeded", "queued"]
    assert run_of(chain, 2).host == ""


def test_files_of_two_machines_are_refused(home: Home) -> None:
    bct = chained(home)
    sources = {"weights": FromStep(step="quant", file="*.pt")}
    reads = {"weights/best.pt": FromStep(step="train", file="*.pt")}
    chain = begin(
        [
            StepSpec(experiment=bct, type="train", name="train"),
            StepSpec(experiment=bct, type="train", name="quant"),
            StepSpec(experiment=bct, type="train", name="infer", files=sources, reads=reads),
        ]
    )
    ends_on(run_of(chain, 1), OTHER)
    tick.tick_all()
    end_run(run_of(chain, 2), succeeded=True)
    tick.tick_all()
    assert states(chain) == ["succeeded", "succeeded", "refused"]
    why = chain.steps.get(number=3).why
    assert why is not None
    assert "takes files of steps that ran on different machines" in message_text(why)
    assert OTHER in message_text(why)
