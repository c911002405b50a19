"""Small grids: a few values of a few parameters, and every combination of them as a run."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from itertools import product

from registry_app.arguments.secret_names import MASKED
from runs_app.exceptions import RefusedError
from runs_app.texts import sets as texts

MAX_RUNS = 50


def parse_grid(text: str) -> dict[str, tuple[str, ...]]:
    """Return the values of each parameter: one line each, `lr = 0.1, 0.01`.

    Raises RefusedError naming the line. A value is never empty; spaces around it do not count.
    """
    grid: dict[str, tuple[str, ...]] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        name, sign, values = (part.strip() for part in line.partition("="))
        found = tuple(filter(None, (value.strip() for value in values.split(","))))
        if not name or not sign or not found or any(letter.isspace() for letter in name):
            raise RefusedError(texts.GRID_LINE(line=line))
        if name in grid:
            raise RefusedError(texts.GRID_TWICE(name=name))
        grid[name] = tuple(dict.fromkeys(found))
    return grid


def size_of(grid: Mapping[str, Sequence[str]]) -> int:
    """Return how many runs a grid makes."""
    return math.prod(len(values) for values in grid.values())


def combinations(grid: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """Return the values of each run, the last parameter changing fastest.

    Raises RefusedError if they are more than MAX_RUNS.
    """
    if (count := size_of(grid)) > MAX_RUNS:
        raise RefusedError(texts.TOO_MANY(count=count, limit=MAX_RUNS))
    return [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]


def label_of(values: Mapping[str, str], *, hidden: Collection[str] = ()) -> str:
    """Return the name of one run of a grid, in which the values of `hidden` are masked."""
    shown = {name: MASKED if name in hidden else value for name, value in values.items()}
    return ", ".join(f"{name}={value}" for name, value in shown.items())[:100]
