"""Pools of small real trainings, from which comparisons are drawn at random.

A two-layer perceptron in numpy, with momentum and mini-batches, learns the digits that come with
scikit-learn. Each training is seeded by its own number, so a pool is the same everywhere.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from runs_app.choices import ParityRole as Role
from runs_app.comparing.main_metric import MetricRule
from runs_app.parity.rule import Conclusion, Decision, decide
from runs_app.parity.table import Result, Value
from runs_app.texts.parity import HALF_THE_EPOCHS

EPOCHS, LEARNING_RATE = 10, 0.05
MAIN = MetricRule(names=("val accuracy",))
CHANGE = HALF_THE_EPOCHS(name="epochs", value=EPOCHS // 2)
Pool = tuple[Mapping[str, Value], ...]


@cache
def _digits() -> tuple[Any, ...]:
    import numpy as np

    # Read without importing scikit-learn, which takes longer than some trainings.
    package = find_spec("sklearn")
    assert package is not None
    assert package.origin is not None
    file = Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz"
    table = np.loadtxt(file, delimiter=",")
    table = table[np.random.default_rng(7).permutation(len(table))]
    x, y = table[:, :-1] / 16.0, table[:, -1].astype(int)
    return x[:1000], y[:1000], x[1000:1500], y[1000:1500]


def train(seed: int, *, epochs: int = EPOCHS, lr: float = LEARNING_RATE) -> dict[str, Value]:
    """Train once; return accuracy, F1 and loss on the validation data."""
    import numpy as np

    x, y, x_val, y_val = _digits()
    rng = np.random.default_rng(seed)
    first, second = rng.normal(0, 0.15, (64, 32)), rng.normal(0, 0.2, (32, 10))
    weights = [first, np.zeros(32), second, np.zeros(10)]
    speeds = [np.zeros_like(array) for array in weights]
    for _ in range(epochs):
        order = rng.permutation(len(y))
        for start in range(0, len(y), 50):
            some = order[start : start + 50]
            hidden, shares = _forward(weights, x[some])
            shares[np.arange(len(some)), y[some]] -= 1
            shares /= len(some)
            back = (shares @ weights[2].T) * (hidden > 0)
            steps = [x[some].T @ back, back.sum(0), hidden.T @ shares, shares.sum(0)]
            for place, step in enumerate(steps):
                speeds[place] = 0.9 * speeds[place] - lr * step
                weights[place] += speeds[place]
    shares = _forward(weights, x_val)[1]
    guess = shares.argmax(1)
    hits = [((guess == kind) & (y_val == kind)).sum() for kind in range(10)]
    sizes = [(guess == kind).sum() + (y_val == kind).sum() for kind in range(10)]
    measured = {
        "val accuracy": float((guess == y_val).mean()),
        "val f1": float(np.mean([2 * hit / size for hit, size in zip(hits, sizes, strict=True)])),
        "val loss": float(-np.log(shares[np.arange(len(y_val)), y_val] + 1e-12).mean()),
    }
    return {name: Value(last=value) for name, value in measured.items()}


def _forward(weights: list[Any], x: Any) -> tuple[Any, Any]:
    import numpy as np

    hidden = np.maximum(x @ weights[0] + weights[1], 0)
    scores = hidden @ weights[2] + weights[3]
    scores = np.exp(scores - scores.max(1, keepdims=True))
    return hidden, scores / scores.sum(1, keepdims=True)


@cache
def pool(size: int, *, epochs: int = EPOCHS, lr: float = LEARNING_RATE) -> Pool:
    """Return `size` trainings that differ by their seed alone."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(limits=1):  # for such small matrices, threads only cost
        return tuple(train(seed, epochs=epochs, lr=lr) for seed in range(size))


def compare(rng: random.Random, *, old: Pool, new: Pool, control: Pool) -> Conclusion:
    """Run one comparison whose runs are drawn from pools; no side takes a seed."""
    pools = {Role.OLD: list(old), Role.NEW: list(new), Role.CONTROL: list(control)}
    for drawn in pools.values():
        rng.shuffle(drawn)
    if old is new:  # a run of the old side is none of the new one
        half = len(old) // 2
        pools[Role.NEW] = pools[Role.OLD][half:]
        pools[Role.OLD] = pools[Role.OLD][:half]
    results: list[Result] = []
    while True:
        decision: Decision = decide(results, main=MAIN, change=CHANGE)
        if isinstance(decision, Conclusion):
            return decision
        results += [
            Result(role=wanted.role, values=pools[wanted.role].pop()) for wanted in decision
        ]
