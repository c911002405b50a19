"""Summaries of a run or an evaluation: named numbers, none of them a setting."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from registry_app.messages import Message
from registry_app.results import reasons
from registry_app.results.documents.flat import flat_numbers
from registry_app.results.documents.json_lines import axis_value
from registry_app.results.documents.values import Values
from registry_app.results.numbers import as_step, number_of
from registry_app.results.rows import Row
from registry_app.results.spelling import key_of
from registry_app.results.words import (
    EPOCH_AXES,
    STEP_AXES,
    axis_of,
    is_metric,
    is_never,
    is_setting,
)

# In a document with such a name, every number that is not a setting is a result.
_RESULTS = re.compile(
    r"(?i)(?:^|[\W_])(?:metrics?|results?|evals?|evaluation|scores?|summary|benchmark|report"
    r"|perf|performance|loss|accuracy)(?:$|[\W_]|\d)"
)
MAX_NUMBERS = 1_000
# In a summary these say how long the training was to be.
_TOTALS = frozenset({"epochs", "steps", "iters", "iterations", "rounds", "total_timesteps"})


def rows(
    data: Mapping[str, Any], stem: str, *, params: Mapping[str, str], values: Values
) -> Iterator[Row]:
    """Yield the numbers of a document as one row, at its step if it names one.

    In a document whose name does not suggest results, only names that end in a metric word count.
    """
    given = {key_of(name): number_of(str(value)) for name, value in params.items()}
    is_promising = bool(_RESULTS.search(stem))
    taken: dict[str, float] = {}
    for name, value in flat_numbers(data, values):
        parts = name.split(".")
        if axis_of(parts[-1].lstrip("_")) or name.startswith("_"):
            continue
        is_given = given.get(key_of(parts[-1])) == value
        why = reasons.PARAMETER() if is_given else _why_not(parts, is_promising=is_promising)
        if why is None and len(taken) >= MAX_NUMBERS:
            why = reasons.TOO_MANY()
        if why is None:
            taken[name] = value
        else:
            values.skip(name, why)
    if taken:
        step, axis = _step(data)
        yield Row(values=taken, step=step, axis=axis, line=1)


def _why_not(parts: list[str], *, is_promising: bool) -> Message | None:
    """Return why a name is not that of a result, None if it is."""
    if is_never(parts[-1]):
        return reasons.NEVER()
    if is_setting(parts[-1]):
        return reasons.SETTING()
    return None if is_promising or any(map(is_metric, parts)) else reasons.NO_METRIC()


def _step(data: Mapping[str, Any]) -> tuple[int, str]:
    for words in (STEP_AXES, EPOCH_AXES):
        value, axis = axis_value(dict(data), words - _TOTALS)
        step = as_step(value)
        if step is not None:
            return step, axis
    return 0, ""
