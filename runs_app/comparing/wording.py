"""Metrics and data of runs in words: values with their units, differences, what is known."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from runs_app.choices import Direction
from runs_app.comparing.data import DataKnown
from runs_app.comparing.metric_names import unit_of

DIGITS_SHOWN = 4
NOTHING = "–"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How a value differs from another: in words, and whether it is better (None: equal)."""

    text: str
    is_better: bool | None


def metric_text(name: str, value: float | None) -> str:
    """Return a value of a metric with its unit: `0.931`, `12.4 ms`, `–` if there is none."""
    if value is None:
        return NOTHING
    unit = unit_of(name)
    return f"{number_text(value)} {unit}" if unit else number_text(value)


def number_text(value: float) -> str:
    """Return a number in few digits: three places from 0 to 1, else four digits."""
    if 0.001 <= abs(value) <= 1:
        return f"{value:.3f}"
    if 1000 <= abs(value) < 1e7:
        return f"{value:.0f}"
    return f"{value:.4g}"


def direction_sign(direction: Direction) -> str:
    """Return an arrow to where values are better."""
    return "↓" if direction == Direction.DOWN else "↑"


def difference(value: float, base: float, direction: Direction) -> Difference:
    """Compare a value with another of the same metric.

    The difference of two shares (0 to 1, higher is better) is in percentage points.
    """
    delta = value - base
    is_share = direction == Direction.UP and 0 <= value <= 1 and 0 <= base <= 1
    size = f"{abs(delta) * 100:.1f}" if is_share else number_text(abs(delta))
    if float(size) == 0:
        return Difference(text=f"{size}{'%p' if is_share else ''}", is_better=None)
    sign = "+" if delta > 0 else "−"
    is_better = (delta > 0) == (direction != Direction.DOWN)
    return Difference(text=f"{sign}{size}{'%p' if is_share else ''}", is_better=is_better)


def data_text(data_key: str) -> str:
    """Return what is known of a run's data, as pages show it."""
    if not data_key:
        return _("data not known")
    data = DataKnown.of_key(data_key)
    if data.digest:
        return f"{data.name} · {data.digest[:DIGITS_SHOWN]}"
    return _("{name} (content not known)").format(name=data.name)
