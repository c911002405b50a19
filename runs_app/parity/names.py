"""Which parameters hold the seed, the length and the learning rate of a training, by name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from registry_app.arguments.parameters import plain_name

_SEEDS = (
    *("seed", "random_seed", "manual_seed", "manualseed", "rng_seed", "random_state"),
    *("global_seed", "seed_everything", "train_seed"),
)
_LENGTHS = (
    *("epochs", "epoch", "num_epochs", "n_epochs", "max_epochs", "nepochs", "num_train_epochs"),
    *("total_epochs", "train_epochs", "max_epoch", "num_epoch", "nepoch", "max_steps", "steps"),
    *("num_steps", "total_steps", "train_steps", "max_iter", "max_iters", "num_iters", "iters"),
    *("iterations", "num_iterations", "n_iter", "n_estimators", "num_boost_round"),
)
_RATES = (
    "lr",
    "learning_rate",
    "lr0",
    "base_lr",
    "init_lr",
    "initial_lr",
    "max_lr",
    "learningrate",
)


def seed_name(names: Iterable[str]) -> str:
    """Return the parameter that holds the seed, '' if none is known by its name."""
    return _first(names, _SEEDS)


def length_name(names: Iterable[str]) -> str:
    """Return the parameter that says how long a training lasts, '' if none is known."""
    return _first(names, _LENGTHS)


def half_the_length(params: Mapping[str, Any]) -> tuple[str, int] | None:
    """Return the length and half of it, None where there is none that could be halved."""
    name = length_name(params)
    value = number_of(params.get(name))
    if value is None or value < 2 or value != int(value):
        return None
    return name, int(value) // 2


def third_of_the_rate(params: Mapping[str, Any]) -> tuple[str, float] | None:
    """Return the learning rate and a third of it, None where there is none."""
    name = _first(params, _RATES)
    value = number_of(params.get(name))
    return (name, float(f"{value / 3:.6g}")) if value else None


def number_of(value: Any) -> float | None:
    """Return a value of a parameter as a number, None if it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _first(names: Iterable[str], known: tuple[str, ...]) -> str:
    plain = {plain_name(name).lower(): name for name in names}
    return next((plain[name] for name in known if name in plain), "")
