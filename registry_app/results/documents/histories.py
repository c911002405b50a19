"""Histories in one object: a list for each metric (Keras), rows by the number of their epoch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from registry_app.results import reasons
from registry_app.results.documents.flat import SETTINGS_KEYS, flat_numbers
from registry_app.results.documents.values import Values, number_in, number_of_text
from registry_app.results.numbers import as_step
from registry_app.results.rows import Row
from registry_app.results.spelling import key_of
from registry_app.results.tables.columns import why_ignored
from registry_app.results.words import EPOCH_AXES, axis_of, is_metric

_NUMBERED = re.compile(r"(?:(epoch|step|iter|iteration|round)[ _-]?)?(\d{1,9})")
# Keys of a history inside a larger document.
_WRAPPERS = frozenset({"history", "metrics", "log", "logs", "results", "curves"})
MAX_DEPTH = 3


def rows(data: Mapping[str, Any], reader: Values) -> Iterator[Row]:
    """Yield the rows of all series of an object; none if it has no list of numbers.

    Steps come from a list `epoch` or `step` of the same length, else from the index, from 0.
    """
    if numbered := _numbered(data):
        yield from _rows_by_number(numbered, reader)
        return
    lists = dict(_lists(data))
    axes = {name: values for name, values in lists.items() if axis_of(name.rpartition(".")[2])}
    series = {name: values for name, values in lists.items() if name not in axes}
    if not series or not any(map(is_metric, series)):
        return
    is_even = len({len(values) for values in series.values()}) == 1
    steps_by_axis = {name: [_step_in(value) for value in values] for name, values in axes.items()}
    for name, values in series.items():
        why = why_ignored(name) or (None if is_even or is_metric(name) else reasons.NO_STEP())
        if why is not None:
            reader.skip(name, why)
            continue
        steps, axis = _steps_for(len(values), steps_by_axis)
        for place, item in enumerate(values):
            value = reader.number(name, item)
            if value is not None:
                yield Row(values={name: value}, step=steps[place], axis=axis, line=place + 1)


def scalars_of(data: Mapping[str, Any], *, depth: int = 0) -> dict[str, Any]:
    """Return an object without what `rows` takes as series: what is left may be a summary."""
    if _numbered(data):
        return {}
    found: dict[str, Any] = {}
    for key, value in data.items():
        if isinstance(value, dict):
            if not _is_by_place(value) and depth < MAX_DEPTH:
                found[str(key)] = scalars_of(value, depth=depth + 1)
        elif not isinstance(value, list):
            found[str(key)] = value
    return found


def rows_of_list(data: Sequence[Any], stem: str, reader: Values) -> Iterator[Row]:
    """Read a bare list: values, pairs of step and value, or triples with a time before them."""
    if not is_metric(stem) and not all(_is_triple(item) for item in data):
        return
    for place, item in enumerate(data):
        if _is_triple(item):
            yield Row(
                values={stem: float(item[2])},
                step=int(item[1]),
                axis="step",
                line=place + 1,
                written_s=float(item[0]),
            )
        elif isinstance(item, list) and len(item) == 2 and as_step(number_in(item[0])) is not None:
            value = reader.number(stem, item[1])
            if value is not None:
                yield Row(values={stem: value}, step=int(item[0]), axis="step", line=place + 1)
        elif (value := reader.number(stem, item)) is not None:
            yield Row(values={stem: value}, step=place, axis="row", line=place + 1)


def _is_triple(item: object) -> bool:
    """Return whether a list is `[time, step, value]`, as TensorBoard exports it."""
    if not isinstance(item, list) or len(item) != 3:
        return False
    numbers = [number_in(part) for part in item]
    return None not in numbers and numbers[0] > 1e8 and as_step(numbers[1]) is not None  # type: ignore[operator]


def _lists(
    data: Mapping[str, Any], *, prefix: str = "", depth: int = 0
) -> Iterator[tuple[str, Sequence[Any]]]:
    """Yield every list of numbers with its name; single values of it may be none."""
    for key, value in data.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            if _is_by_place(value):
                yield name, list(value.values())
            elif depth < MAX_DEPTH and key_of(str(key)) not in SETTINGS_KEYS:
                inner = prefix if key_of(str(key)) in _WRAPPERS else f"{name}."
                yield from _lists(value, prefix=inner, depth=depth + 1)
        elif isinstance(value, list) and _is_of_numbers(value):
            yield name, value


def _is_of_numbers(values: Sequence[Any]) -> bool:
    """Return whether a list is a series: at least half of its values are numbers, none a list."""
    if any(isinstance(item, dict | list) for item in values):
        return False
    there = [item for item in values if item is not None]
    numbers = sum(number_in(item) is not None or _is_number_as_text(item) for item in there)
    return numbers > 0 and 2 * numbers >= len(there)


def _is_number_as_text(value: object) -> bool:
    return isinstance(value, str) and number_of_text(value) is not None


def _is_by_place(data: Mapping[str, Any]) -> bool:
    """Return whether an object is `{"0": 1.0, "1": 0.5}`, as pandas writes a column."""
    if not data or list(data) != [str(place) for place in range(len(data))]:
        return False
    return not any(isinstance(item, dict | list) for item in data.values())


def _step_in(value: object) -> int | None:
    return as_step(number_of_text(value) if isinstance(value, str) else number_in(value))


def _numbered(data: Mapping[str, Any]) -> list[tuple[int, str, Mapping[str, Any]]]:
    """Return the rows of `{"epoch_1": {...}, "epoch_2": {...}}`; empty for any other object."""
    found: list[tuple[int, str, Mapping[str, Any]]] = []
    for key, value in data.items():
        match = _NUMBERED.fullmatch(str(key).lower())
        if match is None or not isinstance(value, dict):
            return []
        found.append((int(match[2]), match[1] or "epoch", value))
    return found


def _rows_by_number(
    found: Sequence[tuple[int, str, Mapping[str, Any]]], reader: Values
) -> Iterator[Row]:
    for place, (step, axis, data) in enumerate(found):
        values: dict[str, float] = {}
        for name, value in flat_numbers(data, reader):
            if axis_of(name):
                continue
            if why := why_ignored(name):
                reader.skip(name, why)
            else:
                values[name] = value
        if any(map(is_metric, values)):
            yield Row(values=values, step=step, axis=axis, line=place + 1)


def _steps_for(length: int, axes: Mapping[str, list[int | None]]) -> tuple[Sequence[int], str]:
    """Return the steps of a series: an axis of the same length, epochs last, else its indexes."""
    fitting = {
        name.rpartition(".")[2]: steps
        for name, steps in axes.items()
        if len(steps) == length and None not in steps
    }
    for name, steps in sorted(fitting.items(), key=lambda item: item[0] in EPOCH_AXES):
        if len(set(steps)) == length:
            return [step for step in steps if step is not None], axis_of(name)
    return range(length), "row"
