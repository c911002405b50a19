"""Lists of objects, one for each step: what Hugging Face's Trainer logs, a list of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from registry_app.results.documents.flat import flat_numbers
from registry_app.results.documents.json_lines import axis_value, without_steps
from registry_app.results.documents.values import Values
from registry_app.results.numbers import as_step
from registry_app.results.rows import Row
from registry_app.results.steps import StepCounter
from registry_app.results.tables.columns import Columns, why_ignored
from registry_app.results.words import EPOCH_AXES, STEP_AXES, axis_of

# Number of objects examined to recognise what a list holds.
SAMPLE = 20


def are_items(objects: Sequence[dict[str, Any]]) -> bool:
    """Return whether a list is of images, boxes or predictions."""
    names = {str(key): None for row in objects[:SAMPLE] for key in row}
    return Columns.of(list(names)).is_of_items


def rows(objects: Sequence[Any], reader: Values) -> Iterator[Row]:
    """Yield a row for each object; without an axis, only if it has metrics."""
    counter = StepCounter()
    stepped: set[str] = set()
    for number, row in enumerate(objects):
        if not isinstance(row, dict):
            continue
        values: dict[str, float] = {}
        for name, value in flat_numbers(row, reader):
            if axis_of(name):
                continue
            if why := why_ignored(name):
                reader.skip(name, why)
            else:
                values[name] = value
        step, axis = _step(row, counter)
        if step is None:
            values = without_steps(values, stepped, reader.skip)
            step, axis = number, "row"
        else:
            stepped.update(values)
        if values:
            yield Row(values=values, step=step, axis=axis, line=number + 1)


def _step(data: dict[str, Any], counter: StepCounter) -> tuple[int | None, str]:
    epoch, epoch_word = axis_value(data, EPOCH_AXES)
    fine, fine_word = axis_value(data, STEP_AXES)
    whole, counted = as_step(epoch), as_step(fine)
    if counted is None:
        return whole, epoch_word
    return (counted if whole is None else counter.step(whole, counted)), fine_word
