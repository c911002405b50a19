"""Outcomes of comparisons, as examples in tables."""

from __future__ import annotations

import pytest

from runs_app.choices import ParityControl as Control
from runs_app.choices import ParityOutcome as Outcome
from runs_app.choices import ParityRole as Role
from runs_app.choices import ParityTier as Tier
from runs_app.comparing.main_metric import MetricRule
from runs_app.parity.rule import Conclusion, Decision, Wanted, decide, numbers_of_runs
from runs_app.parity.table import Result, Value, tolerance
from runs_app.texts.parity import HALF_THE_EPOCHS

MAIN = MetricRule(names=("mAP50",))
CHANGE = HALF_THE_EPOCHS(name="epochs", value=5)
OLD, NEW, CONTROL = Role
# Ten runs of one training with different seeds.
NOISE = [0.01, -0.02, 0.03, 0.0, -0.01, 0.02, -0.03, 0.01, 0.02, -0.01]


def run(role: Role, seed: int | None = None, **values: float | None) -> Result:
    return Result(
        role=role, seed=seed, values={name: Value(last=value) for name, value in values.items()}
    )


def runs(role: Role, count: int, *, loss: float = 1.0, mAP50: float = 0.8) -> list[Result]:
    noise = NOISE if role == OLD else NOISE[::-1]
    return [
        run(role, place, loss=loss + noise[place], mAP50=mAP50 - noise[place] / 4)
        for place in range(count)
    ]


def decided(results: list[Result], *, has_control: bool = True) -> Decision:
    return decide(results, main=MAIN, change=CHANGE if has_control else None)


def outcome(results: list[Result], *, has_control: bool = True) -> Conclusion:
    found = decided(results, has_control=has_control)
    assert isinstance(found, Conclusion)
    return found


def same(*roles: Role, **values: float | None) -> list[Result]:
    return [run(role, 0, **values) for role in roles]


def test_it_begins_with_the_old_side_twice_and_the_new_one_once() -> None:
    first = (Wanted(role=OLD), Wanted(role=OLD), Wanted(role=NEW))
    assert decided([]) == first
    assert decided(same(OLD, loss=1.0)) == first[1:]


def test_equal_under_one_seed_asks_for_a_control_under_the_same_seed() -> None:
    equal = same(OLD, OLD, NEW, loss=0.1, mAP50=0.8)
    assert decided(equal) == (Wanted(role=CONTROL),)
    found = outcome([*equal, run(CONTROL, 0, loss=0.10000000000000002, mAP50=0.8)])
    assert (found.outcome, found.tier, found.control) == (
        Outcome.EQUAL,
        Tier.SAME_SEED,
        Control.FELL_OUT,
    )
    assert "half the epochs (epochs=5) gives others" in str(found.reason)
    assert [row.metric for row in found.rows] == ["mAP50", "loss"]


def test_a_script_that_always_gives_the_same_number_proves_nothing() -> None:
    found = outcome(same(OLD, OLD, NEW, CONTROL, loss=0.1, mAP50=0.8))
    assert (found.outcome, found.control) == (Outcome.NOTHING, Control.STAYED_IN)
    assert "proves nothing" in str(found.reason)


def test_times_and_settings_may_differ_under_one_seed() -> None:
    equal = [
        run(role, 0, loss=0.1, epoch_time=place, lr=0.1)
        for place, role in enumerate((OLD, OLD, NEW))
    ]
    assert decided(equal) == (Wanted(role=CONTROL),)
    # The control's own learning rate and its shorter time are no sign that it fell out.
    found = outcome([*equal, run(CONTROL, 0, loss=0.1, epoch_time=9, lr=0.03)])
    assert found.control == Control.STAYED_IN


def test_without_parameters_equal_runs_are_accepted_without_a_control() -> None:
    found = outcome(same(OLD, OLD, NEW, loss=0.1), has_control=False)
    assert (found.outcome, found.control) == (Outcome.EQUAL, Control.IMPOSSIBLE)


def test_without_parameters_unequal_runs_prove_nothing() -> None:
    found = outcome(
        [*same(OLD, OLD, loss=0.1), *same(NEW, loss=0.11)],
        has_control=False,
    )
    assert (found.outcome, found.control) == (Outcome.NOTHING, Control.IMPOSSIBLE)
    assert found.rows[0].difference == pytest.approx(0.01)


def test_unequal_runs_under_one_seed_are_no_failure_yet() -> None:
    """An adapter may draw its random numbers in another order."""
    differing = [*same(OLD, OLD, loss=0.1), *same(NEW, loss=0.11)]
    # The second old run repeats the seed, so it is no further sample.
    assert decided(differing) == (
        *(Wanted(role=OLD, seed_step=step) for step in (1, 2, 3, 4)),
        *(Wanted(role=NEW, seed_step=step) for step in (101, 102)),
    )


def test_without_a_seed_every_run_counts() -> None:
    differing = [run(OLD, loss=0.1), run(OLD, loss=0.12), run(NEW, loss=0.11)]
    wanted = decided(differing)
    assert isinstance(wanted, tuple)
    assert [one.role for one in wanted] == [OLD, OLD, OLD, NEW, NEW]


def test_within_the_spread_asks_for_a_control_under_a_seed_of_its_own() -> None:
    within = runs(OLD, 5) + runs(NEW, 3)
    assert decided(within) == (Wanted(role=CONTROL, seed_step=200),)
    found = outcome(within + runs(CONTROL, 1, loss=1.4))
    assert (found.outcome, found.tier, found.control) == (
        Outcome.WITHIN,
        Tier.SPREAD,
        Control.FELL_OUT,
    )


def test_old_runs_are_added_until_the_control_falls_out() -> None:
    faint = runs(NEW, 3) + runs(CONTROL, 1, loss=1.075)
    assert decided(runs(OLD, 5) + faint) == (Wanted(role=OLD, seed_step=5),)
    assert decided(runs(OLD, 6) + faint) == (Wanted(role=OLD, seed_step=6),)
    assert outcome(runs(OLD, 8) + faint).control == Control.FELL_OUT
    found = outcome(runs(OLD, 9) + runs(NEW, 3) + runs(CONTROL, 1))
    assert (found.outcome, found.control) == (Outcome.NOTHING, Control.STAYED_IN)


@pytest.mark.parametrize(
    ("changed", "metrics"),
    [
        ({"loss": 1.2}, ["loss"]),
        ({"mAP50": 0.7}, ["mAP50"]),
        ({"mAP50": 0.9, "loss": 0.5}, ["mAP50", "loss"]),
    ],
)
def test_outside_the_spread_names_the_metrics(
    changed: dict[str, float], metrics: list[str]
) -> None:
    found = outcome(runs(OLD, 5) + runs(NEW, 3, **changed))
    assert (found.outcome, found.control) == (Outcome.OUTSIDE, Control.NOT_RUN)
    assert [row.metric for row in found.rows if not row.is_within] == metrics
    assert ", ".join(metrics) in str(found.reason)


def test_a_new_side_without_the_main_metric_is_outside_at_once() -> None:
    found = outcome([*same(OLD, OLD, loss=0.1, mAP50=0.8), *same(NEW, loss=0.1)])
    assert found.outcome == Outcome.OUTSIDE
    assert "does not report mAP50" in str(found.reason)


def test_a_new_side_that_gives_no_number_is_outside_at_once() -> None:
    found = outcome([*same(OLD, OLD, loss=0.1, mAP50=0.8), *same(NEW, loss=None, mAP50=0.8)])
    assert found.outcome == Outcome.OUTSIDE
    assert "no finite number for loss" in str(found.reason)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"accuracy": 0.8}, {"score": 0.8}),  # nothing in common
        ({"loss": None}, {"loss": None}),  # the old side diverges
        ({"epoch": 3.0, "time": 4.0}, {"epoch": 3.0, "time": 4.0}),
        ({}, {}),
    ],
)
def test_sides_without_a_common_number_prove_nothing(
    old: dict[str, float | None], new: dict[str, float | None]
) -> None:
    found = outcome([*same(OLD, OLD, **old), *same(NEW, **new)])
    assert (found.outcome, found.reason.code) == (Outcome.NOTHING, "parity_no_metrics")


def test_without_a_loss_the_spread_proves_nothing() -> None:
    found = outcome([*same(OLD, OLD, accuracy=0.8), *same(NEW, accuracy=0.81)])
    assert (found.outcome, found.reason.code) == (Outcome.NOTHING, "parity_no_loss")


def test_a_control_that_diverges_has_fallen_out() -> None:
    within = runs(OLD, 5) + runs(NEW, 3)
    found = outcome([*within, run(CONTROL, 9, loss=None, mAP50=0.8)])
    assert found.control == Control.FELL_OUT


def test_the_tolerance_is_that_of_a_pooled_t() -> None:
    old, new = [1.0, 1.1, 0.9, 1.05, 0.95], [1.0, 1.02, 0.98]
    # s = sqrt((0.025 + 0.0008) / 6), t(1 - 0.0125, 6) = 2.9687
    assert tolerance("loss", old, new, count=2) == pytest.approx(0.14217, abs=1e-5)
    assert tolerance("loss", [1.0] * 5, [1.0] * 3, count=2) == 0.01  # the floor alone


@pytest.mark.parametrize(
    ("has_seed", "has_control", "expected"),
    [(True, True, (4, 14)), (False, True, (4, 13)), (True, False, (3, 3))],
)
def test_the_numbers_of_runs_are_known_before(
    has_seed: bool, has_control: bool, expected: tuple[int, int]
) -> None:
    assert numbers_of_runs(has_seed=has_seed, has_control=has_control) == expected
