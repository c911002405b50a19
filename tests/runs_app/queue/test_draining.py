"""A machine is drained before its maintenance: it ends what it has and takes no more."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from runs_app.choices import RunStatus
from runs_app.exceptions import RunnerError
from runs_app.lifecycle import launch
from runs_app.models import GpuLease, HostHeartbeat, Run
from runs_app.queue import hosts
from runs_app.texts import reasons
from tests.factories import make_experiment, make_member, make_run
from tests.runs_app.conftest import Home
from tests.runs_app.driving import end, queue

pytestmark = pytest.mark.django_db
HOSTS = "/admin/runs_app/hostheartbeat/"
QUICK = "print('done')\n"


def page_of(group: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_member(group))
    return client


def act(client: Client, action: str, *machines: HostHeartbeat) -> Any:
    chosen = [machine.pk for machine in machines]
    return client.post(HOSTS, {"action": action, "_selected_action": chosen})


def command(*argv: str) -> str:
    out = StringIO()
    call_command("drain", *argv, stdout=out)
    return out.getvalue()


@pytest.fixture
def machine(settings: Settings) -> HostHeartbeat:
    hosts.beat(settings.GUARDIANFLOW_HOST)
    return HostHeartbeat.objects.get()


@pytest.mark.processes
def test_what_is_queued_waits_until_it_takes_runs_again(home: Home, machine: HostHeartbeat) -> None:
    run = queue(home.experiment(script=QUICK))
    command()
    assert launch.start_next(machine.host) == []
    run.refresh_from_db()
    assert run.reason_code == reasons.WAITS_WHILE_DRAINED.code
    assert machine.host in run.status_reason
    hosts.beat(machine.host)  # a sign of life changes nothing of it
    assert launch.start_next(machine.host) == []
    command("--off")
    assert launch.start_next(machine.host) == [run.pk]
    end(run)


@pytest.mark.processes
def test_a_drain_between_the_decision_and_the_start_counts(
    home: Home, machine: HostHeartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = queue(home.experiment(script=QUICK))
    check = launch._check

    def drain_meanwhile(checked: Run) -> None:
        check(checked)
        hosts.drain(machine.host, by="jiwoo")

    monkeypatch.setattr(launch, "_check", drain_meanwhile)
    assert launch.start_next(machine.host) == []
    run.refresh_from_db()
    assert run.status == RunStatus.QUEUED


def test_the_command_says_what_goes_on(machine: HostHeartbeat) -> None:
    make_run(make_experiment(), RunStatus.RUNNING, host=machine.host)
    assert command() == f"{machine.host} is draining; 1 runs are finishing.\n"
    assert "drained already" in command(machine.host)
    assert "takes runs again" in command("--off")
    assert "nothing was changed" in command("--off")


def test_an_unknown_machine_is_refused_with_those_that_are_known(machine: HostHeartbeat) -> None:
    with pytest.raises((RunnerError, CommandError), match=machine.host):
        command("gpu9")


def test_an_engineer_drains_a_machine_in_the_list(machine: HostHeartbeat) -> None:
    engineer = page_of("Engineer")
    act(engineer, "drain_hosts", machine)
    machine.refresh_from_db()
    assert machine.is_drained
    page = engineer.get(HOSTS).content.decode()
    assert "takes no new runs" in page
    assert "drained by engineer-jiwoo" in page
    act(engineer, "undrain_hosts", machine)
    machine.refresh_from_db()
    assert not machine.is_drained


def test_a_viewer_drains_nothing(machine: HostHeartbeat) -> None:
    act(page_of("Viewer"), "drain_hosts", machine)
    machine.refresh_from_db()
    assert not machine.is_drained


def test_reading_the_list_drains_nothing(machine: HostHeartbeat) -> None:
    page_of("Engineer").get(f"{HOSTS}?action=drain_hosts&_selected_action={machine.pk}")
    machine.refresh_from_db()
    assert not machine.is_drained


def test_the_list_shows_gpus_and_who_has_them_in_as_many_queries_for_any_number() -> None:
    gpu = {"index": 0, "name": "RTX 4090", "total_mib": 24_576, "free_mib": 12_288}

    def add(number: int) -> Run:
        name = f"gpu{number}"
        HostHeartbeat.objects.create(host=name, boot_id="1", gpus=[{**gpu, "uuid": name}])
        run = make_run(make_experiment(name), RunStatus.RUNNING, host=name)
        GpuLease.objects.create(run=run, host=name, device=name, index=0)
        return run

    viewer = page_of("Viewer")
    run = add(1)
    HostHeartbeat.objects.create(host="gpu0", boot_id="1", gpu_error="Driver/library mismatch")
    with CaptureQueriesContext(connection) as few:
        page = viewer.get(HOSTS).content.decode()
    assert "0 RTX 4090" in page
    assert "12.0 of 24.0 GiB free" in page
    assert f'{run.get_absolute_url()}">#{run.pk}</a>' in page
    assert "Driver/library mismatch" in page
    for number in range(2, 8):
        add(number)
    with CaptureQueriesContext(connection) as many:
        viewer.get(HOSTS)
    assert len(many) == len(few)
    machine = HostHeartbeat.objects.get(host="gpu1")
    assert "RTX 4090" in viewer.get(f"{HOSTS}{machine.pk}/change/").content.decode()
