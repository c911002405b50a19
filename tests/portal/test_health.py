"""What /healthz shows to a monitor that has not logged in."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from registry_app.messages import plain
from runs_app.choices import RunStatus
from runs_app.models import HostHeartbeat
from runs_app.queue import hosts
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker(settings: Settings) -> str:
    """A worker of this machine whose tick came by just now."""
    hosts.beat(settings.GUARDIANFLOW_HOST)
    return str(settings.GUARDIANFLOW_HOST)


def codes(answer: Any) -> list[str]:
    return [reason["code"] for reason in answer.json()["reasons"]]


def notes(answer: Any) -> list[str]:
    return [note["code"] for note in answer.json()["notes"]]


@pytest.mark.usefixtures("worker")
def test_a_portal_that_can_do_its_work_says_ok(client: Client) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "reasons": [], "notes": []}
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.usefixtures("worker")
def test_a_watcher_may_ask_for_the_head_alone(client: Client) -> None:
    answer = client.head("/healthz")
    assert (answer.status_code, answer.content) == (200, b"")
    assert client.post("/healthz").status_code == 405


def test_without_a_worker_nothing_would_run(client: Client) -> None:
    answer = client.get("/healthz", headers={"accept-language": "en"})
    assert answer.status_code == 503
    assert answer.json()["status"] == "unavailable"
    assert codes(answer) == ["worker"]
    assert "guardianflow worker" in answer.json()["reasons"][0]["text"]


def test_a_worker_whose_tick_stopped_counts_as_away(client: Client, worker: str) -> None:
    HostHeartbeat.objects.filter(host=worker).update(tick_at=timezone.now() - timedelta(minutes=1))
    assert codes(client.get("/healthz")) == ["worker"]


def test_a_worker_elsewhere_is_enough(client: Client, worker: str) -> None:
    hosts.beat("gpu2")
    HostHeartbeat.objects.filter(host=worker).update(tick_at=timezone.now() - timedelta(minutes=1))
    answer = client.get("/healthz")
    assert (answer.status_code, notes(answer)) == (200, ["worker_here"])


def test_drained_hosts_are_reported_where_none_is_left(client: Client, worker: str) -> None:
    hosts.beat("gpu2")
    hosts.drain(worker, by="jiwoo")
    assert notes(client.get("/healthz")) == []
    hosts.drain("gpu2", by="jiwoo")
    answer = client.get("/healthz")
    assert (answer.status_code, notes(answer)) == (200, ["drained"])


@pytest.mark.usefixtures("worker")
def test_a_home_that_cannot_be_written_is_reported_without_its_path(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.GUARDIANFLOW_HOME = tmp_path / "gone"
    answer = client.get("/healthz")
    assert (answer.status_code, codes(answer)) == (503, ["home"])
    assert str(tmp_path) not in answer.text


@pytest.mark.usefixtures("worker")
def test_an_older_database_is_reported(client: Client) -> None:
    MigrationRecorder(connection).record_unapplied("runs_app", "0001_initial")
    answer = client.get("/healthz")
    assert (answer.status_code, codes(answer)) == (503, ["migrations"])


@pytest.mark.django_db(transaction=True)
def test_a_database_that_does_not_answer_is_reported_without_details(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    here = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = str(tmp_path / "no-such-folder" / "portal.sqlite3")
    try:
        answer = client.get("/healthz")
    finally:
        connection.close()
        connection.settings_dict["NAME"] = here
    assert (answer.status_code, codes(answer)) == (503, ["database"])
    assert str(tmp_path) not in answer.text


@pytest.mark.usefixtures("worker")
def test_mlflow_being_away_is_a_note_only(client: Client) -> None:
    make_run(make_experiment(), RunStatus.SUCCEEDED, mlflow_error=plain("MLflow does not respond."))
    answer = client.get("/healthz")
    assert (answer.status_code, notes(answer)) == (200, ["mlflow"])


@pytest.mark.usefixtures("worker")
def test_looking_costs_a_few_queries_however_many_runs_there_are(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    experiment = make_experiment()
    for _number in range(20):
        make_run(experiment, RunStatus.FAILED)
    with django_assert_max_num_queries(4):
        client.get("/healthz")
