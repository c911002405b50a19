"""Decides from measured values whether two sides train alike, or which runs are needed for that.

Two tiers, the cheap one first:

1. **Same seed.** The old side twice and the new side once, under one seed. All metrics equal bit by
   bit: equal. A control under the same seed must then give other metrics.
2. **Spread.** 5 old and 3 new runs, the seeds varied where there is one. For each of at most four
   metrics, a loss among them, the means may differ by `t(1 - 0.025/m, n+k-2) * s * sqrt(1/n + 1/k)`
   with the pooled deviation `s`, and at least by a floor. Then a control must fall out; as long as
   it does not, old runs are added, up to 9.

The control is one run of the new side with half the epochs, else a third of the learning rate. One
that does not fall out shows that the comparison could not have seen a change: it proves nothing.

Nothing here knows runs, files or a database. `RULE_VERSION` changes with any change of an outcome.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registry_app.messages import Message
from runs_app.choices import ParityControl as Control
from runs_app.choices import ParityOutcome as Outcome
from runs_app.choices import ParityRole as Role
from runs_app.choices import ParityTier as Tier
from runs_app.comparing.main_metric import MetricRule
from runs_app.parity import metrics
from runs_app.parity.table import Result, Row, rows_by_spread, rows_of_equal
from runs_app.texts import parity as texts

RULE_VERSION = 1
SAME_SEED_OLD, SAME_SEED_NEW = 2, 1
OLD_RUNS, NEW_RUNS, MAX_OLD_RUNS = 5, 3, 9
# Seeds of the new side and of the control are none of the old side, so that no run counts twice.
NEW_SEEDS, CONTROL_SEED = 100, 200


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A run that is needed: the seed it gets is the base seed plus `seed_step`."""

    role: Role
    seed_step: int = 0


@dataclass(frozen=True, kw_only=True)
class Conclusion:
    """An outcome, why, and the table that shows it."""

    outcome: Outcome
    reason: Message
    tier: Tier
    control: Control = Control.NOT_RUN
    rows: tuple[Row, ...] = ()


Decision = Conclusion | tuple[Wanted, ...]


def decide(results: Sequence[Result], *, main: MetricRule, change: Message | None) -> Decision:
    """Return the conclusion, or all runs that are still needed before the next decision.

    `results` are the succeeded runs so far, in the order in which they were asked for; `main` says
    which metric speaks for a run; `change` names what the control changes, None if it can change
    nothing.
    """
    old, new = _of(results, Role.OLD), _of(results, Role.NEW)
    if len(old) < SAME_SEED_OLD or len(new) < SAME_SEED_NEW:
        return _same_seed_runs(old=len(old), new=len(new))
    if broken := _broken(old, new, main):
        return broken
    if _are_equal(old[:SAME_SEED_OLD], new[:SAME_SEED_NEW]):
        return _after_equal(results, main, change)
    if change is None:
        return Conclusion(
            outcome=Outcome.NOTHING,
            reason=texts.NO_CONTROL(),
            tier=Tier.SAME_SEED,
            control=Control.IMPOSSIBLE,
            rows=rows_of_equal(_names(old, new, main), results),
        )
    return _by_spread(results, main, change)


def numbers_of_runs(*, has_seed: bool, has_control: bool) -> tuple[int, int]:
    """Return how many runs a comparison takes if old and new are equal, and at most."""
    equal = SAME_SEED_OLD + SAME_SEED_NEW + has_control
    if not has_control:  # without one, runs that differ prove nothing, and no more follow
        return equal, equal
    return equal, MAX_OLD_RUNS + has_seed + NEW_RUNS + 1


def _same_seed_runs(*, old: int, new: int) -> tuple[Wanted, ...]:
    return (
        *(Wanted(role=Role.OLD) for _ in range(old, SAME_SEED_OLD)),
        *(Wanted(role=Role.NEW) for _ in range(new, SAME_SEED_NEW)),
    )


# What a comparison begins with; one of a trainer that may start the old command itself.
FIRST_RUNS = _same_seed_runs(old=0, new=0)
FIRST_RUN_OF_SCRIPT = (Wanted(role=Role.NEW),)


def _broken(old: Sequence[Result], new: Sequence[Result], main: MetricRule) -> Conclusion | None:
    """Return the conclusion where the new side does not measure what the old one does."""
    before = _common(old, ())
    common = _common(old, new)
    metric = main.main_of(before)
    outcome, reason = Outcome.OUTSIDE, None
    if not common:
        outcome, reason = Outcome.NOTHING, texts.NO_METRICS()
    elif metric and metric not in common:
        reason = texts.NO_MAIN(metric=metric)
    elif strange := [
        name
        for name in metrics.chosen(common, main)
        if any(run.values[name].last is None for run in new)
    ]:
        reason = texts.NOT_FINITE(metrics=strange)
    if reason is None:
        return None
    rows = rows_of_equal(metrics.chosen(before, main), [*old, *new])
    return Conclusion(outcome=outcome, reason=reason, tier=Tier.SAME_SEED, rows=rows)


def _after_equal(results: Sequence[Result], main: MetricRule, change: Message | None) -> Decision:
    """Conclude from equal runs under one seed, once the control has shown that others differ."""
    old, new, control = (_of(results, role) for role in Role)
    common = _common(old, new)
    rows = rows_of_equal(metrics.chosen(common, main), results)
    if change is None:
        return Conclusion(
            outcome=Outcome.EQUAL,
            reason=texts.EQUAL_NO_CONTROL(count=len(common)),
            tier=Tier.SAME_SEED,
            control=Control.IMPOSSIBLE,
            rows=rows,
        )
    if not control:
        return (Wanted(role=Role.CONTROL),)
    changed = control[0].values
    if any(name in changed and changed[name].last != old[0].values[name].last for name in common):
        return Conclusion(
            outcome=Outcome.EQUAL,
            reason=texts.EQUAL(count=len(common), change=change),
            tier=Tier.SAME_SEED,
            control=Control.FELL_OUT,
            rows=rows,
        )
    return _control_stayed_in(change, Tier.SAME_SEED, rows)


def _by_spread(results: Sequence[Result], main: MetricRule, change: Message) -> Decision:
    """Conclude from the spread of independent runs."""
    old, new = (_independent(_of(results, role)) for role in (Role.OLD, Role.NEW))
    control = _of(results, Role.CONTROL)
    names = _names(old, new, main)
    if not any(map(metrics.is_loss, names)):
        return Conclusion(
            outcome=Outcome.NOTHING,
            reason=texts.NO_LOSS(),
            tier=Tier.SPREAD,
            rows=rows_of_equal(names, results),
        )
    if needed := _spread_runs(len(old), len(new)):
        return needed
    rows = rows_by_spread(names, [*old, *new, *control])
    is_out = any(row.is_control_out for row in rows)
    out = [row.metric for row in rows if not row.is_within]
    if out or is_out:
        within = texts.WITHIN(count=len(rows), old=len(old), new=len(new), change=change)
        return Conclusion(
            outcome=Outcome.OUTSIDE if out else Outcome.WITHIN,
            reason=texts.OUTSIDE(metrics=out) if out else within,
            tier=Tier.SPREAD,
            control=Control.FELL_OUT if is_out else Control.NOT_RUN,
            rows=rows,
        )
    if not control:
        return (Wanted(role=Role.CONTROL, seed_step=CONTROL_SEED),)
    if len(old) < MAX_OLD_RUNS:
        return (Wanted(role=Role.OLD, seed_step=len(old)),)
    return _control_stayed_in(change, Tier.SPREAD, rows)


def _spread_runs(old: int, new: int) -> tuple[Wanted, ...]:
    return (
        *(Wanted(role=Role.OLD, seed_step=step) for step in range(old, OLD_RUNS)),
        *(Wanted(role=Role.NEW, seed_step=NEW_SEEDS + step) for step in range(new, NEW_RUNS)),
    )


def _control_stayed_in(change: Message, tier: Tier, rows: tuple[Row, ...]) -> Conclusion:
    return Conclusion(
        outcome=Outcome.NOTHING,
        reason=texts.CONTROL_IN(change=change),
        tier=tier,
        control=Control.STAYED_IN,
        rows=rows,
    )


def _of(results: Sequence[Result], role: Role) -> list[Result]:
    return [result for result in results if result.role == role]


def _names(old: Sequence[Result], new: Sequence[Result], main: MetricRule) -> tuple[str, ...]:
    return metrics.chosen(_common(old, new), main)


def _common(old: Sequence[Result], new: Sequence[Result]) -> list[str]:
    """Return the metrics that count, that all runs report, and that are finite in the old ones."""
    return [
        name
        for name in metrics.in_all([run.values for run in (*old, *new)])
        if metrics.counts(name) and all(run.values[name].last is not None for run in old)
    ]


def _are_equal(old: Sequence[Result], new: Sequence[Result]) -> bool:
    """Whether runs gave the same metrics bit by bit."""
    first, *others = [run.values for run in (*old, *new)]
    return all(values[name] == first[name] for values in others for name in _common(old, new))


def _independent(runs: Sequence[Result]) -> list[Result]:
    """Return the runs without those that repeat a seed: they are no further sample."""
    found: list[Result] = []
    for run in runs:
        if run.seed is None or all(run.seed != other.seed for other in found):
            found.append(run)
    return found
