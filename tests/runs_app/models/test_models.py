"""What the database refuses, and the one way to change a state."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation

from runs_app.choices import ON_HOST, TRANSITIONS, RunStatus
from runs_app.models import Run
from runs_app.texts import reasons
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db


def refuse(constraint: str, make: object) -> None:
    assert callable(make)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make()


def test_two_runs_never_use_one_directory() -> None:
    bct = make_experiment()
    make_run(bct, RunStatus.RUNNING)
    for status in ON_HOST:
        with pytest.raises(IntegrityError), transaction.atomic():
            make_run(bct, status)


def test_runs_that_may_overlap_share_a_directory() -> None:
    bct = make_experiment()
    make_run(bct, RunStatus.RUNNING, overlap=True)
    make_run(bct, RunStatus.RUNNING, overlap=True)
    assert Run.objects.on_host("gpu1").count() == 2


def test_a_run_on_a_machine_names_it() -> None:
    bct = make_experiment()
    refuse("run_on_host_names_host", lambda: make_run(bct, RunStatus.RUNNING, host=""))


def test_an_ended_run_has_an_end_time() -> None:
    bct = make_experiment()
    refuse("run_ended_has_end_time", lambda: make_run(bct, RunStatus.FAILED, finished_at=None))


def test_a_run_succeeds_only_with_exit_status_zero() -> None:
    bct = make_experiment()
    refuse("run_succeeded_exited_zero", lambda: make_run(bct, RunStatus.SUCCEEDED, exit_code=1))


NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "fields", "constraint"),
    [
        (RunStatus.QUEUED, {"started_at": NOW}, "run_queued_has_no_start"),
        (RunStatus.QUEUED, {"outcome": "failed"}, "run_going_on_has_no_end"),
        (RunStatus.STARTING, {"exit_code": 0}, "run_going_on_has_no_end"),
        (RunStatus.RUNNING, {"finished_at": NOW}, "run_going_on_has_no_end"),
        (RunStatus.RUNNING, {"started_at": None}, "run_running_has_start_time"),
        (RunStatus.FINALIZING, {"outcome": ""}, "run_finalizing_has_outcome"),
        (RunStatus.FINALIZING, {"outcome": "running"}, "run_finalizing_has_outcome"),
        (RunStatus.SUCCEEDED, {"outcome": "failed"}, "run_ended_as_it_showed"),
        (RunStatus.LOST, {"exit_code": 0}, "run_without_witness_no_status"),
        (RunStatus.ERRORED, {"exit_code": 1}, "run_without_witness_no_status"),
        (RunStatus.FAILED, {"exit_code": None}, "run_failed_has_exit_status"),
        (RunStatus.TIMED_OUT, {"exit_code": None}, "run_failed_has_exit_status"),
        (RunStatus.FAILED, {"finished_at": NOW}, "run_ends_after_its_start"),
    ],
)
def test_a_state_that_cannot_be_is_refused(
    status: RunStatus, fields: dict[str, Any], constraint: str
) -> None:
    bct = make_experiment()
    refuse(constraint, lambda: make_run(bct, status, **fields))


@pytest.mark.parametrize("status", RunStatus)
def test_every_state_can_be(status: RunStatus) -> None:
    assert make_run(make_experiment(), status).status == status


def test_an_unknown_status_is_refused() -> None:
    run = make_run(make_experiment())
    refuse("run_status_exists", lambda: Run.objects.filter(pk=run.pk).update(status="asleep"))


def test_a_move_is_won_by_one() -> None:
    run = make_run(make_experiment())

    def take() -> bool:
        return Run.objects.move(
            run.pk,
            expect=RunStatus.QUEUED,
            to=RunStatus.STARTING,
            reason=reasons.STARTING(),
            host="gpu1",
        )

    assert [take(), take()] == [True, False]
    run.refresh_from_db()
    assert (run.status, run.host) == (RunStatus.STARTING, "gpu1")


def test_a_move_narrowed_by_a_condition_does_nothing_where_it_does_not_hold() -> None:
    run = make_run(make_experiment(), RunStatus.STARTING, launches=2)
    assert not Run.objects.move(
        run.pk,
        expect=RunStatus.STARTING,
        to=RunStatus.QUEUED,
        reason=reasons.WAITS_FOR_WORKER(),
        where_launches=1,
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (before, after)
        for before in RunStatus
        for after in RunStatus
        if before != after and after not in TRANSITIONS.get(before, frozenset())
    ],
)
def test_a_change_that_no_rule_allows_is_a_mistake(before: RunStatus, after: RunStatus) -> None:
    with pytest.raises(ValueError, match="never goes"):
        Run.objects.move(1, expect=before, to=after, reason=reasons.RUNNING())


def test_queued_runs_go_by_priority_then_by_age() -> None:
    bct = make_experiment()
    first, second, urgent = make_run(bct), make_run(bct), make_run(bct, priority=5)
    assert list(Run.objects.in_order()) == [urgent, first, second]


def test_only_ended_runs_that_are_not_sent_are_due_for_mlflow() -> None:
    bct = make_experiment()
    due = make_run(bct, RunStatus.FAILED)
    make_run(bct, RunStatus.FAILED, mlflow_state="sent")
    make_run(bct, RunStatus.FAILED, mlflow_next_at=timezone.now() + timedelta(hours=1))
    make_run(bct, RunStatus.CANCELLED, started_at=None)
    make_run(bct, RunStatus.RUNNING)
    assert list(Run.objects.due_for_mlflow()) == [due]


def test_the_reason_is_a_sentence_in_the_readers_language() -> None:
    run = make_run(make_experiment(), RunStatus.FAILED, reason_values={"code": 3})
    with translation.override("en"):
        assert run.status_reason == "The script ended with exit status 3."


def test_a_reason_without_its_values_is_its_code() -> None:
    run = make_run(make_experiment(), RunStatus.FAILED)
    with translation.override("en"):
        assert run.status_reason == "exited_nonzero"


def test_the_page_of_a_run_is_where_it_says() -> None:
    run = make_run(make_experiment())
    assert run.get_absolute_url() == reverse("admin:runs_app_run_change", args=[run.pk])


def test_a_run_is_named_in_the_readers_language() -> None:
    run = make_run(make_experiment("bct"))
    with translation.override("ko"):
        assert str(run) == f"#{run.pk} bct / 학습"
