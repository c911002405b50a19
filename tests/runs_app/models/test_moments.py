"""What a worker has to do is found also after the clock was put back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from runs_app.choices import ParityState, PromotionState, RunStatus
from runs_app.models import Parity, ParityRun, Promotion, Run, StageProof
from runs_app.stages import waiting
from tests.factories import make_experiment, make_run, make_user

pytestmark = pytest.mark.django_db

YEAR = timedelta(days=365)
SOON = timedelta(minutes=5)


@pytest.mark.parametrize(("ahead", "is_due"), [(YEAR, True), (SOON, False)])
def test_a_promotion_that_waits(ahead: timedelta, is_due: bool) -> None:
    experiment = make_experiment()
    Promotion.objects.create(
        experiment=experiment,
        state=PromotionState.APPROVED,
        training_run=make_run(experiment, RunStatus.SUCCEEDED),
        requested_by=make_user("minsu"),
        approved_at=timezone.now(),
        next_at=timezone.now() + ahead,
    )
    assert Promotion.objects.due(timezone.now()).exists() is is_due


@pytest.mark.parametrize(("ahead", "is_due"), [(YEAR, True), (-SOON, True), (SOON / 10, False)])
def test_a_comparison_whose_runs_have_ended(ahead: timedelta, is_due: bool) -> None:
    experiment = make_experiment()
    run = make_run(experiment, RunStatus.SUCCEEDED)
    Run.objects.filter(pk=run.pk).update(summarised=1, status_changed_at=timezone.now() + ahead)
    parity = Parity.objects.create(
        experiment=experiment, type="train", rule_version=1, state=ParityState.RUNNING
    )
    ParityRun.objects.create(parity=parity, run=run, role="old", number=1, seed=1)
    assert Parity.objects.waiting(timezone.now()).exists() is is_due


@pytest.mark.parametrize(("ahead", "is_due"), [(YEAR, True), (-YEAR, True), (-SOON, False)])
def test_a_proved_trainer_is_looked_at_again(ahead: timedelta, is_due: bool) -> None:
    experiment = make_experiment()
    long_ago = timezone.now() - 2 * YEAR
    Parity.objects.create(
        experiment=experiment,
        type="train",
        rule_version=1,
        state=ParityState.DONE,
        outcome="equal",
        finished_at=long_ago,
    )
    StageProof.objects.create(
        experiment=experiment, proved_at=long_ago, standard_at=timezone.now() + ahead
    )
    assert waiting.standard_due(timezone.now()).exists() is is_due
