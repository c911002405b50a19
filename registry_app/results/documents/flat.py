"""The numbers of nested objects, each under one dotted name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from registry_app.results.documents.values import Values
from registry_app.results.spelling import key_of

MAX_DEPTH = 6
# Objects inside a result that hold the script's inputs.
SETTINGS_KEYS = frozenset(
    "args arguments config configs cfg conf opt opts options hyp hyps hyperparams hyperparameters "
    "hparams params parameters settings env environment metadata meta model_info system versions "
    "env_info dataset_info optimizer scheduler".split()
)


def flat_numbers(
    data: Mapping[str, Any], values: Values, *, depth: int = 0, prefix: str = ""
) -> Iterator[tuple[str, float]]:
    """Yield each number with its name; `{"a": {"b": 1}}` has `a.b`."""
    for key, value in data.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            if depth < MAX_DEPTH and key_of(str(key)) not in SETTINGS_KEYS:
                yield from flat_numbers(value, values, depth=depth + 1, prefix=f"{name}.")
            continue
        found = values.number(name, value)
        if found is not None:
            yield name, found
