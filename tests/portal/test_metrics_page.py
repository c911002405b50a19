"""What /metrics shows to Prometheus, and to whom it is closed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from runs_app.choices import RunStatus
from runs_app.models import HostHeartbeat, Run
from runs_app.queue import hosts
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db
TOKEN = "a token as long as they should be"


def numbers(client: Client) -> dict[str, float]:
    lines = client.get("/metrics").text.splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


def test_tells_runs_and_queue(client: Client) -> None:
    experiment = make_experiment()
    long_ago = timezone.now() - timedelta(hours=1)
    make_run(experiment, RunStatus.QUEUED, queued_at=long_ago)
    make_run(experiment, RunStatus.QUEUED)
    make_run(experiment, RunStatus.FAILED)
    make_run(experiment, RunStatus.SUCCEEDED, mlflow_state="sent")
    reported = numbers(client)
    assert reported['guardianflow_runs{status="queued"}'] == 2
    assert reported['guardianflow_runs{status="failed"}'] == 1
    assert reported['guardianflow_runs{status="lost"}'] == 0
    assert reported["guardianflow_queue_length"] == 2
    assert 3600 <= reported["guardianflow_queue_oldest_age_seconds"] < 7200
    assert reported["guardianflow_mlflow_pending_runs"] == 1


def test_an_empty_portal_tells_noughts(client: Client) -> None:
    reported = numbers(client)
    assert reported["guardianflow_queue_length"] == 0
    assert reported["guardianflow_queue_oldest_age_seconds"] == 0
    assert reported['guardianflow_experiments{stage="1"}'] == 0


def test_tells_slots_and_heartbeats_of_every_host(client: Client, settings: Settings) -> None:
    settings.GUARDIANFLOW_SLOTS = 3
    hosts.beat("gpu1")
    HostHeartbeat.objects.update(tick_at=timezone.now() - timedelta(minutes=5))
    hosts.beat("gpu2")
    make_run(make_experiment(), RunStatus.RUNNING, host="gpu1")
    reported = numbers(client)
    assert reported['guardianflow_slots{host="gpu1"}'] == 3
    assert reported['guardianflow_slots_used{host="gpu1"}'] == 1
    assert reported['guardianflow_slots_used{host="gpu2"}'] == 0
    ages = [
        reported[f'guardianflow_worker_heartbeat_age_seconds{{host="{h}"}}']
        for h in ("gpu1", "gpu2")
    ]
    assert ages[0] >= 300 > ages[1]


def test_tells_experiments_by_stage(client: Client) -> None:
    make_experiment(completeness=40)
    wrapped = make_experiment("donghwa-entec-ppe", completeness=100, confirmed=100)
    make_run(wrapped, RunStatus.SUCCEEDED)
    reported = numbers(client)
    assert reported['guardianflow_experiments{stage="1"}'] == 1
    assert reported['guardianflow_experiments{stage="3"}'] == 1


def test_a_strange_host_name_breaks_no_line(client: Client) -> None:
    hosts.beat('gpu"1\n\\')
    assert r'guardianflow_slots{host="gpu\"1\n\\"} ' in client.get("/metrics").text


def test_every_number_is_described_in_the_form_of_prometheus(client: Client) -> None:
    answer = client.get("/metrics")
    assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.text.endswith("\n")
    lines = answer.text.splitlines()
    described = {line.split()[2] for line in lines if line.startswith("# HELP")}
    typed = {line.split()[2] for line in lines if line.startswith("# TYPE")}
    reported = {line.split("{")[0].split()[0] for line in lines if not line.startswith("#")}
    assert reported <= described == typed


def test_costs_the_same_queries_however_much_there_is(client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/metrics").status_code == 200
        return len(seen)

    few = queries()
    for number in range(5):
        hosts.beat(f"gpu{number}")
        make_run(make_experiment(f"sampyo-{number}"), RunStatus.RUNNING, host=f"gpu{number}")
    assert Run.objects.count() == 5
    assert queries() == few <= 6


def test_another_machine_is_refused(client: Client) -> None:
    answer = client.get("/metrics", REMOTE_ADDR="10.1.2.3", headers={"accept-language": "en"})
    assert answer.status_code == 403
    assert "GUARDIANFLOW_METRICS_TOKEN" in answer.text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_who_comes_through_a_proxy_is_not_this_machine(client: Client, header: str) -> None:
    assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 403


def test_an_unknown_address_is_not_this_machine(client: Client) -> None:
    assert client.get("/metrics", REMOTE_ADDR="").status_code == 403


def test_the_token_opens_from_anywhere(client: Client, settings: Settings) -> None:
    settings.GUARDIANFLOW_METRICS_TOKEN = TOKEN
    headers = {"authorization": f"Bearer {TOKEN}", "x-forwarded-for": "10.1.2.3"}
    assert client.get("/metrics", REMOTE_ADDR="10.1.2.3", headers=headers).status_code == 200


@pytest.mark.parametrize("sent", ["", TOKEN, "Bearer", f"Basic {TOKEN}", "Bearer 토큰"])
def test_where_there_is_a_token_nothing_else_opens(
    client: Client, settings: Settings, sent: str
) -> None:
    settings.GUARDIANFLOW_METRICS_TOKEN = TOKEN
    answer = client.get("/metrics", headers={"authorization": sent})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert TOKEN not in answer.text
