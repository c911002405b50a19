"""Cancelling a set reaches every run of it, whatever happens in between."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.utils import timezone

from runs_app.choices import RunStatus, SetKind, SetState
from runs_app.lifecycle import due
from runs_app.lifecycle.cancel import cancel
from runs_app.lifecycle.prepare import RunRequest
from runs_app.models import Run, RunSet
from runs_app.sets import changing, tick
from runs_app.sets.starting import Heading, start_together
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db


def batch(home: Home) -> RunSet:
    bct = home.experiment()
    requests = [RunRequest(experiment=bct, type="train") for _run in range(3)]
    return start_together(Heading(key=uuid4(), kind=SetKind.BATCH), requests, user=None)[0]


def asked_and_died(made: RunSet) -> None:
    """Store the request as `cancel_set` does, and die before any run was told."""
    RunSet.objects.filter(pk=made.pk).update(
        cancel_requested_at=timezone.now(), cancel_requested_by="jiwoo"
    )


def test_a_cancel_whose_process_died_is_passed_on_by_the_worker(home: Home) -> None:
    made = batch(home)
    assert not due.movable_sets().exists()
    asked_and_died(made)
    assert list(due.movable_sets()) == [made]
    tick.tick_all()
    assert set(Run.objects.values_list("status", "cancel_requested_by")) == {
        (RunStatus.CANCELLED, "jiwoo")
    }
    tick.tick_all()
    made.refresh_from_db()
    assert made.state == SetState.CANCELLED


def test_a_second_cancel_passes_the_first_one_on(home: Home) -> None:
    made = batch(home)
    asked_and_died(made)
    assert changing.cancel_set(made, user=None)
    made.refresh_from_db()
    assert made.state == SetState.CANCELLED
    assert not changing.cancel_set(made, user=None)


def test_a_run_that_cannot_be_cancelled_leaves_no_other(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = batch(home)
    first = made.steps.get(number=1).run

    def cancel_but_the_first(run: Run, **by: object) -> bool:
        if run == first:
            raise OSError(28, "No space left on device")
        return cancel(run, **by)  # type: ignore[arg-type]

    with monkeypatch.context() as full:
        full.setattr(tick, "cancel", cancel_but_the_first)
        assert changing.cancel_set(made, user=None)
    made.refresh_from_db()
    assert "No space left on device" in str(made.stuck)
    statuses = Run.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == [RunStatus.QUEUED, RunStatus.CANCELLED, RunStatus.CANCELLED]
    tick.tick_all()
    assert set(statuses.all()) == {RunStatus.CANCELLED}
