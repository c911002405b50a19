"""What is due on a machine, and the cost of asking."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from registry_app.models import ScanJob
from runs_app.choices import MlflowState, RunStatus
from runs_app.lifecycle import due, reconcile
from runs_app.models import HostHeartbeat, Run
from runs_app.queue import hosts
from runs_app.tracking import outbox
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db
HOST = "gpu1"
PATIENCE_S = 600
LONG_AGO = timedelta(seconds=PATIENCE_S + 1)


def kinds(found: due.Due | None) -> set[str]:
    assert found is not None
    return {kind for kind, is_due in vars(found).items() if is_due}


def test_an_idle_machine_asks_one_question(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    hosts.beat(HOST)
    for _number in range(20):
        make_run(make_experiment(f"e{_number}"), RunStatus.SUCCEEDED, mlflow_state=MlflowState.SENT)
    with django_assert_num_queries(1):
        assert kinds(reconcile.look(HOST)) == set()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plan")
def test_no_part_of_the_question_reads_all_runs() -> None:
    hosts.beat(HOST)
    with CaptureQueriesContext(connection) as asked:
        due.look(HOST)
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + asked[0]["sql"])
        steps = [str(row[3]) for row in cursor.fetchall()]
    of_runs = [step for step in steps if "INDEX run_" in step]
    assert len(of_runs) == 10  # and that of run sets that go on
    assert "SEARCH U0 USING INDEX run_unsummarised (host=?)" in of_runs
    assert any("run_uncollected" in step for step in of_runs)
    assert "SEARCH U0 USING INDEX run_unsent (host=?)" in of_runs


@pytest.mark.parametrize(
    ("status", "fields", "kind"),
    [
        (RunStatus.STARTING, {}, "observe"),
        (RunStatus.RUNNING, {}, "observe"),
        (RunStatus.LOST, {"mlflow_state": MlflowState.SENT}, "watch_lost"),
        (RunStatus.QUEUED, {}, "start"),
        (RunStatus.QUEUED, {"foreground": True, "host": HOST}, "cancel_abandoned"),
        (RunStatus.FINALIZING, {}, "finish"),
        (RunStatus.FAILED, {}, "send"),
        (
            RunStatus.SUCCEEDED,
            {"mlflow_state": MlflowState.SENT, "summarised": 0},
            "summarise",
        ),
    ],
)
def test_each_kind_of_work_is_seen(status: RunStatus, fields: dict[str, Any], kind: str) -> None:
    hosts.beat(HOST)
    then = timezone.now() - LONG_AGO
    make_run(make_experiment(), status, status_changed_at=then, queued_at=then, **fields)
    assert kinds(due.look(HOST, patience_s=PATIENCE_S)) == {kind}


def test_what_is_fresh_is_left_to_its_message() -> None:
    hosts.beat(HOST)
    make_run(make_experiment("a"))
    make_run(make_experiment("b"), RunStatus.FINALIZING)
    ScanJob.objects.create()
    assert kinds(due.look(HOST, patience_s=PATIENCE_S)) == set()
    assert kinds(due.look(HOST)) == {"start", "finish", "scan"}


def test_what_mlflow_lacks_is_sent_without_a_message() -> None:
    hosts.beat(HOST)
    make_run(make_experiment(), RunStatus.FAILED)
    assert kinds(due.look(HOST, patience_s=PATIENCE_S)) == {"send"}


def test_the_runs_of_another_machine_are_its_own() -> None:
    hosts.beat(HOST)
    for status in (RunStatus.RUNNING, RunStatus.FINALIZING, RunStatus.LOST, RunStatus.FAILED):
        make_run(make_experiment(status), status, host="gpu2")
    assert kinds(due.look(HOST)) == set()


def test_the_sign_of_life_is_written_seldom() -> None:
    assert due.look(HOST) is None
    started_at = timezone.now() - LONG_AGO
    reconcile.look(HOST, worker_started_at=started_at)
    first = HostHeartbeat.objects.get()
    assert first.started_at == started_at
    reconcile.look(HOST, worker_started_at=started_at)
    assert HostHeartbeat.objects.get().tick_at == first.tick_at
    HostHeartbeat.objects.update(tick_at=timezone.now() - timedelta(seconds=due.BEAT_EVERY_S + 1))
    reconcile.look(HOST, worker_started_at=started_at)
    assert HostHeartbeat.objects.get().tick_at > first.tick_at


def test_a_worker_that_has_just_started_says_so_at_once() -> None:
    hosts.beat(HOST, worker_started_at=timezone.now() - LONG_AGO)
    started_at = timezone.now()
    reconcile.look(HOST, worker_started_at=started_at)
    assert HostHeartbeat.objects.get().started_at == started_at


def test_a_clock_that_was_set_back_keeps_no_machine_silent() -> None:
    HostHeartbeat.objects.create(
        host=HOST, boot_id="1", tick_at=timezone.now() + timedelta(hours=1)
    )
    assert kinds(due.look(HOST)) == {"beat"}


def test_a_clock_that_was_set_back_hides_no_work() -> None:
    hosts.beat(HOST)
    ahead = timezone.now() + timedelta(days=30)
    ended = make_run(make_experiment("a"), RunStatus.SUCCEEDED, host=HOST)
    again = make_run(make_experiment("b"), RunStatus.SUCCEEDED, host=HOST)
    Run.objects.filter(pk__in=(ended.pk, again.pk)).update(status_changed_at=ahead)
    Run.objects.filter(pk=again.pk).update(mlflow_next_at=ahead)
    sent = outbox.due(HOST)
    assert {run.pk for run in sent} == {ended.pk, again.pk}
    gone = make_run(make_experiment("c"), RunStatus.QUEUED, host=HOST, foreground=True)
    Run.objects.filter(pk=gone.pk).update(queued_at=ahead)
    ScanJob.objects.create(requested_at=ahead)
    ScanJob.objects.update(requested_at=ahead)
    assert {"send", "scan", "cancel_abandoned"} <= kinds(due.look(HOST, patience_s=PATIENCE_S))


def test_a_time_that_was_planned_is_no_sign_of_a_clock_set_back() -> None:
    run = make_run(make_experiment(), RunStatus.SUCCEEDED, host=HOST)
    Run.objects.filter(pk=run.pk).update(mlflow_next_at=timezone.now() + timedelta(minutes=59))
    assert not Run.objects.due_for_mlflow().exists()


def test_a_host_is_not_alive_by_a_tick_of_the_future() -> None:
    host = HostHeartbeat(host=HOST, tick_at=timezone.now() + timedelta(hours=1))
    assert not host.is_alive()
    host.tick_at = timezone.now() + timedelta(seconds=5)
    assert host.is_alive()


def test_this_machine_is_asked_by_its_own_name() -> None:
    assert reconcile.look(settings.GUARDIANFLOW_HOST) == due.Due(beat=False)
