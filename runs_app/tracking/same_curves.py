"""Which metrics of a script's own MLflow runs are curves that the portal's run has already.

A framework's callback logs what the framework also writes into its result table, in more digits,
with names that have fewer signs, and sometimes with one more point at the end.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from runs_app.runner.outputs.metric_points import MetricPoint

# Tables are written with four or five digits.
RELATIVE = 1e-3
ABSOLUTE = 1e-5
# A curve is the same if at least this share of the points that both may have is.
SHARE = 0.9

# The values of a metric by the place of its step among all its steps.
Curve = Sequence[float]


def curves_of(points: Iterable[MetricPoint]) -> dict[str, Curve]:
    """Return the curves of a run by their names without signs; the first value of a step counts."""
    found: dict[str, dict[int, float]] = defaultdict(dict)
    for point in points:
        found[_plain(point.key)].setdefault(point.step, point.value)
    return {name: [values[step] for step in sorted(values)] for name, values in found.items()}


def without_known(
    points: Iterable[MetricPoint], known: Mapping[str, Curve], repeated: set[str]
) -> Iterator[MetricPoint]:
    """Yield the points that are not in `known`; add the names of the known metrics to `repeated`.

    The points of a metric follow each other, and those of one at a time are held in memory.
    """
    for key, group in groupby(points, key=lambda point: point.key):
        own, curve = list(group), known.get(_plain(key), ())
        new = list(_new(own, curve))
        if len(own) - len(new) >= SHARE * _comparable(own, curve):
            repeated.add(key)
            yield from new
        else:
            yield from own


def _comparable(points: Sequence[MetricPoint], known: Curve) -> int:
    """Return how many points the curve may have: all, or all but one more at the end."""
    return len(known) if known and len(points) == len(known) + 1 else len(points)


def _new(points: Sequence[MetricPoint], known: Curve) -> Iterator[MetricPoint]:
    """Yield the points that the curve does not have at the place of their step."""
    places = {step: place for place, step in enumerate(sorted({point.step for point in points}))}
    for point in points:
        place = places[point.step]
        if place >= len(known) or not _is_same(point.value, known[place]):
            yield point


def _is_same(value: float, other: float) -> bool:
    if math.isnan(value) or math.isnan(other):
        return math.isnan(value) and math.isnan(other)
    return math.isclose(value, other, rel_tol=RELATIVE, abs_tol=ABSOLUTE)


def _plain(key: str) -> str:
    return re.sub(r"[\W_]+", "", key).lower()
