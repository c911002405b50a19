"""A writer's file and the points that a person reads in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Values = Mapping[int, float] | Sequence[float]


@dataclass(frozen=True, kw_only=True)
class Writer:
    """One file or log (`path` is then ''); a sequence of values belongs to steps from 1."""

    name: str
    path: str = ""
    data: bytes
    points: Mapping[str, Values]

    def labelled(self) -> set[tuple[str, int, str]]:
        """Return all points as name, step and value, rounded as text."""
        return {
            (name, step, f"{value:.6g}")
            for name, values in self.points.items()
            for step, value in by_step(values).items()
        }


def by_step(values: Values) -> Mapping[int, float]:
    return values if isinstance(values, Mapping) else dict(enumerate(values, start=1))


def log(name: str, text: str, points: Mapping[str, Values]) -> Writer:
    """Return a log, less the line end after the opening quotes."""
    return Writer(name=name, data=text.removeprefix("\n").encode(), points=points)


def file(name: str, path: str, text: str | bytes, points: Mapping[str, Values]) -> Writer:
    """Return a file, less the line end after the opening quotes."""
    data = text.removeprefix("\n").encode() if isinstance(text, str) else text
    return Writer(name=name, path=path, data=data, points=points)
