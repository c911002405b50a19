"""Which run starts next, and what the others wait for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from runs_app.choices import RunStatus
from runs_app.executors.local import devices
from runs_app.lifecycle import launch
from runs_app.models import HostHeartbeat, Run
from runs_app.queue import admission, hosts
from runs_app.texts import reasons
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db
HOST = "gpu1"
GPU = {"index": 0, "uuid": "GPU-1", "name": "RTX", "total_mib": 24_000, "free_mib": 24_000}


@pytest.fixture(autouse=True)
def two_slots(settings: Settings) -> None:
    settings.GUARDIANFLOW_HOST = HOST
    settings.GUARDIANFLOW_SLOTS = 2


def noted() -> list[tuple[str, dict[str, object]]]:
    queued = Run.objects.filter(status=RunStatus.QUEUED).order_by("pk")
    return list(queued.values_list("reason_code", "reason_values"))


def startable() -> list[int]:
    return [start.run for start in admission.snapshot(HOST).starts(HOST)]


def test_priority_goes_first_and_then_first_come() -> None:
    busy, free = make_experiment("busy"), make_experiment("free")
    make_run(busy, RunStatus.RUNNING, host=HOST)
    make_run(busy)
    second, _third = make_run(free), make_run(free)
    assert startable() == [second.pk]
    urgent = make_run(free, priority=1)
    assert startable() == [urgent.pk]
    assert admission.snapshot(HOST).starts(HOST, but={urgent.pk})[0].run == second.pk


def test_a_run_that_may_overlap_does_not_wait_for_its_directory() -> None:
    busy = make_experiment("busy")
    make_run(busy, RunStatus.RUNNING, host=HOST)
    overlapping = make_run(busy, overlap=True)
    assert startable() == [overlapping.pk]


def test_a_run_of_a_terminal_is_started_by_it_alone() -> None:
    make_run(make_experiment(), foreground=True)
    assert startable() == []


def test_every_waiting_run_says_what_it_waits_for_and_who_blocks_it() -> None:
    busy, other = make_experiment("busy"), make_experiment("other")
    blocker = make_run(busy, RunStatus.RUNNING, host=HOST)
    ending = make_run(other, RunStatus.FINALIZING, host=HOST, overlap=True)
    make_run(busy)
    make_run(make_experiment("third"))
    assert launch.start_next(HOST) == []
    assert noted() == [
        (reasons.WAITS_FOR_RUN.code, {"run": blocker.pk, "runs": [blocker.pk]}),
        (reasons.WAITS_FOR_SLOT.code, {"host": HOST, "runs": [blocker.pk, ending.pk]}),
    ]


def test_two_machines_say_the_same_of_a_waiting_run(settings: Settings) -> None:
    settings.GUARDIANFLOW_SLOTS = 1
    for host in (HOST, "gpu2"):
        hosts.beat(host)
        make_run(make_experiment(host), RunStatus.RUNNING, host=host)
    make_run(make_experiment("waits"))
    output = []
    for host in (HOST, "gpu2"):
        assert launch.start_next(host) == []
        output.append(noted())
    assert output[0] == output[1]
    assert output[0][0][1]["host"] == "gpu1, gpu2"


def test_a_long_queue_is_reported_in_several_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "NOTED_AT_ONCE", 2)
    busy = make_experiment("busy")
    blocker = make_run(busy, RunStatus.RUNNING, host=HOST)
    for _number in range(5):
        make_run(busy)
    assert launch.start_next(HOST) == []
    assert noted() == [(reasons.WAITS_FOR_RUN.code, {"run": blocker.pk, "runs": [blocker.pk]})] * 5


@pytest.mark.parametrize(("kind", "gpus"), [("train", 1), ("infer", 1), ("data", 0)])
def test_without_a_number_of_gpus_the_type_decides(kind: str, gpus: int) -> None:
    run = make_run(make_experiment(), type=kind)
    assert admission.request_of(run).gpus == gpus
    Run.objects.filter(pk=run.pk).update(gpus=3)
    assert admission.request_of(run).gpus == 3
    Run.objects.filter(pk=run.pk).update(gpus=0)
    assert admission.request_of(run).gpus == 0


def test_gpus_are_asked_for_only_where_a_run_requests_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> None:
        raise AssertionError("the driver was asked")

    monkeypatch.setattr(devices, "gpus", fail)
    make_run(make_experiment(), gpus=0)
    assert len(startable()) == 1


def test_gpus_of_another_machine_are_known_by_its_sign_of_life() -> None:
    HostHeartbeat.objects.create(host="gpu2", boot_id="2", gpus=[GPU])
    make_run(make_experiment())
    assert startable() == []
    [wait] = admission.snapshot(HOST).waits()
    assert wait.reason == reasons.WAITS_FOR_WORKER()
    HostHeartbeat.objects.update(tick_at=timezone.now() - timedelta(days=2))
    assert len(startable()) == 1  # nobody has heard of it for long: the CPU it is


def test_a_look_at_a_long_queue_costs_what_a_short_one_does(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    busy = make_experiment("busy")
    make_run(busy, RunStatus.RUNNING, host=HOST)
    make_run(make_experiment("other"), RunStatus.RUNNING, host=HOST)
    waiting = [make_experiment(f"e{number}") for number in range(5)]
    for _round in range(20):
        for experiment in (busy, *waiting):
            make_run(experiment)
    with django_assert_max_num_queries(7):
        assert launch.start_next(HOST) == []
    assert {code for code, _values in noted()} == {
        reasons.WAITS_FOR_RUN.code,
        reasons.WAITS_FOR_SLOT.code,
    }
