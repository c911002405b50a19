"""How the numbers of a line are read, and lines of a fixed form, whose plan is known at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from registry_app.messages import Message
from registry_app.results.logs.axes import Axis
from registry_app.results.logs.tokens import Tokens, value_of
from registry_app.results.words import is_metric

_SENTENCE = re.compile(
    r"(?i)\W*(?P<name>[a-z][a-z ]{1,30}?) (?:at|after|in|for|on) "
    r"(?P<axis>epoch|round|step|iteration|iter)\s*[#:]?\s*$"
)


@dataclass(frozen=True, kw_only=True)
class Item:
    """A value of a line: its name, and the indexes of its number and of its divisor.

    `is_percent`: the number has a percent sign.
    """

    name: str
    place: int
    divisor: int = -1
    is_percent: bool = False


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How lines of one shape are read.

    `settings` and `others` count the named numbers that are settings, or neither these nor metrics;
    `has_bar` marks a progress bar. `phase` is the phase that the line begins with, if it is not
    training. `limits` are the items that count only next to other statistics of their metric, and
    `skipped` the names of metrics whose numbers are not taken, with the reason.
    """

    axis: Axis | None = None
    items: tuple[Item, ...] = ()
    limits: tuple[Item, ...] = ()
    settings: int = 0
    others: int = 0
    named: int = 0
    has_bar: bool = False
    phase: str = ""
    skipped: tuple[tuple[str, Message], ...] = ()

    @cached_property
    def percents(self) -> frozenset[str]:
        """The names of the values with a percent sign."""
        return frozenset(item.name for item in self.items if item.is_percent)


NOTHING = Plan()


def values_of(items: tuple[Item, ...], numbers: Sequence[str]) -> Iterator[tuple[str, float]]:
    """Yield the values of a line, given its numbers as written."""
    for item in items:
        value = value_of(numbers[item.place])
        if item.divisor >= 0:
            divisor = value_of(numbers[item.divisor])
            if not divisor:
                continue
            value /= divisor
        yield item.name, value


def special_plan(tokens: Tokens) -> Plan | None:
    """Return the plan of a line of a fixed form, None for any other line."""
    return _darknet(tokens) or _sentence(tokens)


def _sentence(tokens: Tokens) -> Plan | None:
    """Return the plan of `Loss after iteration 100: 0.512`."""
    match = _SENTENCE.match(tokens.texts[0]) if len(tokens.numbers) > 1 else None
    if match is None or tokens.texts[1].strip() not in {":", "=", "is"}:
        return None
    if not is_metric(match["name"]) or not tokens.numbers[0].isdigit():
        return None
    is_epoch = match["axis"].lower() in {"epoch", "round"}
    axis = Axis(
        word="epoch" if is_epoch else "step",
        epoch=0 if is_epoch else -1,
        fine=-1 if is_epoch else 0,
        used=frozenset({0}),
    )
    return Plan(axis=axis, items=(Item(name=match["name"], place=1),), named=1)


def _darknet(tokens: Tokens) -> Plan | None:
    """Return the plan of `1: 1234.5, 1230.1 avg loss, 0.001 rate, 3.2 seconds, 64 images`."""
    if len(tokens.numbers) < 4 or not tokens.texts[3].startswith(" avg"):
        return None
    is_counted = tokens.numbers[0].isdigit() and tokens.texts[1].startswith(":")
    if tokens.texts[0].strip() or not is_counted:
        return None
    axis = Axis(word="iter", fine=0, used=frozenset({0}))
    return Plan(axis=axis, items=(Item(name="avg loss", place=2),))
