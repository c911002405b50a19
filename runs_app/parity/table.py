"""The table of a comparison: what each run measured, and by how much the sides differ."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from runs_app.choices import ParityRole as Role
from runs_app.parity import metrics
from runs_app.parity.student_t import two_sided

# How often equal sides are found to differ, over all compared metrics together.
ERROR = 0.05


@dataclass(frozen=True, kw_only=True)
class Value:
    """A metric of one run over all its steps; None for what is no finite number."""

    last: float | None
    lowest: float | None = None
    highest: float | None = None


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a succeeded run measured. `seed` is None where the side takes no seed."""

    role: Role
    values: Mapping[str, Value]
    seed: int | None = None


@dataclass(frozen=True, kw_only=True)
class Row:
    """One metric of a comparison: the last value of every run, and how far the means differ.

    `difference` is between old and new, `control_difference` between old and control, each with
    what it may be; None where there is nothing to compare. A value is None if it is no finite
    number.
    """

    metric: str
    old: tuple[float | None, ...]
    new: tuple[float | None, ...]
    control: tuple[float | None, ...] = ()
    difference: float | None = None
    tolerance: float | None = None
    control_difference: float | None = None
    control_tolerance: float | None = None

    @property
    def is_within(self) -> bool:
        """Whether old and new differ by no more than the tolerance."""
        return _at_most(self.difference, self.tolerance)

    @property
    def is_control_out(self) -> bool:
        """Whether the control differs from the old side by more than its tolerance."""
        return bool(self.control) and not _at_most(self.control_difference, self.control_tolerance)


def rows_by_spread(names: Sequence[str], results: Sequence[Result]) -> tuple[Row, ...]:
    """Return the table of a comparison whose tolerance is computed from the spread of its runs."""
    return tuple(_row(name, results, count=len(names)) for name in names)


def rows_of_equal(names: Sequence[str], results: Sequence[Result]) -> tuple[Row, ...]:
    """Return the table of a comparison in which nothing may differ."""
    return tuple(_row(name, results, count=0) for name in names)


def tolerance(name: str, old: Sequence[float], new: Sequence[float], *, count: int) -> float:
    """Return by how much the means of one of `count` metrics may differ; needs three values."""
    n, k = len(old), len(new)
    deviation = math.sqrt((_squares(old) + _squares(new)) / (n + k - 2))
    spread = two_sided(ERROR / count, n + k - 2) * deviation * math.sqrt(1 / n + 1 / k)
    return max(spread, metrics.floor(name, old, new))


def _row(name: str, results: Sequence[Result], *, count: int) -> Row:
    old, new, control = (_values(name, results, role) for role in Role)

    def limit(other: tuple[float | None, ...]) -> float | None:
        before, after = _finite(old), _finite(other)
        if not before or not after:
            return None
        return tolerance(name, before, after, count=count) if count else 0.0

    return Row(
        metric=name,
        old=old,
        new=new,
        control=control,
        difference=_difference(old, new),
        tolerance=limit(new),
        control_difference=_difference(old, control),
        control_tolerance=limit(control),
    )


def _values(name: str, results: Sequence[Result], role: Role) -> tuple[float | None, ...]:
    runs = (result.values for result in results if result.role == role)
    return tuple(values[name].last for values in runs if name in values)


def _finite(values: Sequence[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _difference(old: Sequence[float | None], new: Sequence[float | None]) -> float | None:
    """Return how far two means differ, None if a value is missing or no finite number."""
    if not old or not new or None in {*old, *new}:
        return None
    return abs(statistics.fmean(_finite(old)) - statistics.fmean(_finite(new)))


def _squares(values: Sequence[float]) -> float:
    mean = statistics.fmean(values)
    return math.fsum((value - mean) ** 2 for value in values)


def _at_most(difference: float | None, limit: float | None) -> bool:
    return difference is not None and limit is not None and difference <= limit
