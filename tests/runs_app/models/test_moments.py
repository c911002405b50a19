"""What a worker has to do is found also after the clock was put back, and who ran beside whom."""

from __future__ import annotations

from datetime import datetime, timedelta

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


def hours(*numbers: float | None) -> dict[str, datetime | None]:
    """The start and the end of a run, in hours from now by the clock."""
    now = timezone.now()
    times = [None if number is None else now + timedelta(hours=number) for number in numbers]
    return dict(zip(("started_at", "finished_at"), times, strict=True))


# The clock was put back by an hour, between the first and the second hour of the long run.
@pytest.mark.parametrize(
    ("run", "other", "is_beside"),
    [
        pytest.param((-2, -1), (-1.5, None), True, id="the other still runs"),
        pytest.param((-2, -1), (-1.5, -1.2), True, id="the other began later and ended sooner"),
        pytest.param((-2, -1), (-3, -2.5), False, id="the other had ended"),
        pytest.param((-2, -1), (-0.5, None), False, id="the other began afterwards"),
        pytest.param((-0.3, -0.1), (0.5, None), True, id="the other began before it was put back"),
        pytest.param((-0.3, -0.1), (0.5, 2), True, id="and has ended since"),
        pytest.param((-0.3, -0.1), (0.5, 0.5), True, id="and counts as ended at its start"),
        pytest.param((-1, 1), (-1.5, -1.2), True, id="put back while the run went on"),
        pytest.param((0.5, 2), (-0.3, -0.1), True, id="so that its start is in the future too"),
        pytest.param((-1, 1), (-4, -3), False, id="the other had ended before all of that"),
    ],
)
def test_runs_that_shared_a_directory(
    run: tuple[float, float | None], other: tuple[float, float | None], is_beside: bool
) -> None:
    def made(times: tuple[float, float | None]) -> Run:
        status = RunStatus.RUNNING if times[1] is None else RunStatus.FAILED
        return make_run(experiment, status, overlap=True, **hours(*times))

    experiment = make_experiment()
    ours, theirs = made(run), made(other)
    assert (theirs in Run.objects.overlapping(ours)) is is_beside
