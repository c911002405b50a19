"""How often the rule is wrong, over comparisons of real small trainings."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from runs_app.choices import ParityControl as Control
from runs_app.choices import ParityOutcome as Outcome
from tests.runs_app.parity.trainings import EPOCHS, LEARNING_RATE, compare, pool

COMPARISONS = 200
# Epochs and learning rate: far from the end, near to it, and slow.
MODELS = [(10, 0.05), (24, 0.03), (16, 0.02)]


def test_a_small_sample_of_trainings() -> None:
    """Equal trainings are within, a third of the learning rate and half the epochs are out."""
    rng = random.Random(5)  # noqa: S311
    old, half = pool(12), pool(2, epochs=EPOCHS // 2)
    third = pool(3, lr=LEARNING_RATE / 3)
    found = compare(rng, old=old, new=old, control=half)
    assert (found.outcome, found.control) == (Outcome.WITHIN, Control.FELL_OUT)
    assert compare(rng, old=old, new=third, control=half).outcome == Outcome.OUTSIDE


@pytest.mark.long
@pytest.mark.parametrize(("epochs", "lr"), MODELS)
def test_the_rule_is_rarely_wrong(epochs: int, lr: float) -> None:
    """False alarms at most 6 %, a third of the learning rate missed in at most 3 %."""
    rng = random.Random(1)  # noqa: S311
    old, half = pool(240, epochs=epochs, lr=lr), pool(80, epochs=epochs // 2, lr=lr)
    third = pool(80, epochs=epochs, lr=lr / 3)
    third_half = pool(80, epochs=epochs // 2, lr=lr / 3)
    equal = Counter(
        compare(rng, old=old, new=old, control=half).outcome for _ in range(COMPARISONS)
    )
    changed = Counter(
        compare(rng, old=old, new=third, control=third_half).outcome for _ in range(COMPARISONS)
    )
    assert equal[Outcome.OUTSIDE] <= 0.06 * COMPARISONS, equal
    assert changed[Outcome.WITHIN] <= 0.03 * COMPARISONS, changed
    # It decides in most cases, instead of saying that nothing is proved.
    assert equal[Outcome.WITHIN] >= 0.8 * COMPARISONS, equal
