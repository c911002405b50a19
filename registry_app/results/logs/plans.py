"""The meaning of the numbers of a line, computed once for all lines of one shape."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from registry_app.messages import Message
from registry_app.results import reasons
from registry_app.results.logs.axes import Axis, find_axis, has_bar
from registry_app.results.logs.blocks import Block
from registry_app.results.logs.counting import (
    counts,
    is_believed,
    is_of_settings,
    is_set,
    unit_of,
    why_not,
)
from registry_app.results.logs.limits import (
    choices_in,
    has_settings_head,
    has_sure_sign,
    is_earlier,
    limits_of,
)
from registry_app.results.logs.names import STATISTICS, Name, name_before, name_of_what
from registry_app.results.logs.phases import head_phase, phased
from registry_app.results.logs.plan import NOTHING, Item, Plan, special_plan
from registry_app.results.logs.tokens import Tokens
from registry_app.results.spelling import words_of
from registry_app.results.words import axis_of, is_metric, is_never, is_setting, phase_of

# Lines that are never results: commands, what a parser was given, other programs' reports.
_JUNK = re.compile(
    r"(?i)\bNamespace\(|^\s*usage:|\bpython[\d.]*\s+\S+\.py\s|bitrate=|\btbr\b"
    r"|^\s*(?-i:(?:export\s+)?[A-Z_]+=\S+$)|^\s*File \"|^\s*(?:\$|>>>|#!)\s|https?://\S+\s*$"
    r"|\bpip(?:3|\d.*)? install\b|\brequirement already\b"
    r"|^\s*(?:get|hit|ign|err):\d+\s|^\s*#\d+\s|\[[\w./-]+\.(?:py|c|cc|cpp):\d+\]\s*$"
)
_RATIO = re.compile(r"\s*/\s*$")
_PERCENT_BEHIND = re.compile(r"\s*\(\s*$")
_HEADING = re.compile(r"(?:^|[\]|\s])\s*([^\W\d][\w ]{1,30}?)\s*[:(][^:]*?\b\w+\s*(?:[:=]|\s$)")
_LABEL = re.compile(
    r"\W*(?:class\s+)?(?P<label>[^\W\d][\w+-]*(?:[ ][\w+-]+)?)\s{0,40}(?::|\s-|\s\||\s{2})\s{0,80}"
    r"(?=[^\W\d][\w@.-]*(?:\s*[:=]|\s+$))"
)
# Words at the beginning of a line that name neither a class nor a model.
_NO_LABEL = frozenset(
    "info debug warning warn error critical notice root result results metric metrics summary "
    "final performance report evaluation benchmark overall best average stats statistics score "
    "scores loss speed output model done finished completed epoch step test train val".split()
)
# A heading is at the beginning of a line.
MAX_HEADING_CHARACTERS = 200
# More numbers than any line of results has.
MAX_NUMBERS = 120
# Names of a longer line that are reported as skipped.
MAX_NAMED = 20


def plan_of_listing(text: str) -> Plan:
    """Return the plan of a line that has no word of results, but may be one of settings."""
    key = Block.key(text)
    if not key:
        return NOTHING
    is_set = is_setting(key)
    return Plan(settings=int(is_set), others=int(not is_set), named=1)


def plan_of(tokens: Tokens, line: str) -> Plan:
    """Return how a line is read, from its words and the kinds of its numbers."""
    if not tokens.numbers or _JUNK.search(line):
        return NOTHING
    if len(tokens.numbers) > MAX_NUMBERS:
        return Plan(skipped=_first_metrics(tokens))
    if special := special_plan(tokens):
        return special
    axis = find_axis(tokens)
    if axis is not None and is_earlier(tokens, axis.first):
        axis = None  # the epoch of a checkpoint that was loaded
    named = [(_headed(tokens, *item), item[1]) for item in _named(tokens, axis)]
    if has_settings_head(tokens):
        return _of_settings(tokens, named, frozenset())
    return _plan(tokens, line, axis, named)


def _plan(tokens: Tokens, line: str, axis: Axis | None, named: Sequence[tuple[Name, int]]) -> Plan:
    phase = head_phase(tokens, axis)
    choices = choices_in(line)
    settings = sum(is_set(name, axis) for name, _place in named) + choices
    # Next to an axis a minimum or maximum is a value, unless the line lists settings.
    limits = limits_of(named) if axis is None or settings else frozenset()
    settings += len(limits)
    items = [item for item in named if item[1] not in limits and counts(tokens, axis, *item)]
    metrics = sum(is_metric(name.text) for name, _place in items)
    if axis is not None and not is_believed(tokens, axis, items, metrics):
        items, axis = [], None if axis.is_weak else axis
    is_sure = bool(choices) or has_sure_sign(tokens, named, items)
    settings = max(settings, int(is_sure))
    if is_of_settings(settings, metrics, axis, is_sure=is_sure):
        return _of_settings(tokens, named, limits)
    if axis is None:
        items = _labelled(tokens, _without_lone_size(items))
    taken = {place for _name, place in items}
    others = sum(not is_never(name.text) for name, _place in named) - len(items) - settings
    return Plan(
        axis=axis,
        items=tuple(_with_divisors(tokens, phased(tokens, axis, items, phase))),
        settings=settings,
        others=max(0, others),
        named=len(named),
        has_bar=has_bar(tokens.texts),
        phase=phase,
        skipped=tuple(
            (name.text, reason)
            for name, place in named
            if place not in taken and (reason := why_not(tokens, name, place, limits))
        ),
    )


def _of_settings(tokens: Tokens, named: Sequence[tuple[Name, int]], limits: frozenset[int]) -> Plan:
    """Return the plan of a line of settings; a lone limit may turn out to be a statistic."""
    skipped = [
        (name.text, reasons.LIMIT() if place in limits else reasons.SETTING())
        for name, place in named
        if is_metric(name.text)
    ]
    lone = [(name.text, place) for name, place in named if place in limits and len(named) == 1]
    return Plan(
        limits=tuple(_with_divisors(tokens, lone)),
        settings=max(1, len(named)),
        named=len(named),
        skipped=() if lone else tuple(skipped),
    )


def _first_metrics(tokens: Tokens) -> tuple[tuple[str, Message], ...]:
    """Return the first metrics of a line with an axis, whose numbers are too many to read."""
    axis = find_axis(tokens)
    if axis is None or axis.is_weak:
        return ()
    names = (name.text for name, _place in _named(tokens, axis) if is_metric(name.text))
    return tuple((name, reasons.TOO_MANY()) for name in islice(names, MAX_NAMED))


def _named(tokens: Tokens, axis: Axis | None) -> Iterator[tuple[Name, int]]:
    used = axis.used if axis else frozenset()
    for place in range(len(tokens.numbers)):
        if place in used:
            continue
        name = name_before(tokens.texts[place])
        if name is not None and (not axis_of(name.text) or is_setting(name.text)):
            if name.has_sign and not is_metric(name.text):
                name = name_of_what("".join(tokens.texts[: place + 1])) or name
            unit = unit_of(tokens, place)
            if unit == "fps" and not is_metric(name.text):
                name = replace(name, text="FPS", has_sign=True)
            yield name, place


def _headed(tokens: Tokens, name: Name, place: int) -> Name:
    """Return a name such as `min` with the metric that the line begins with: `Latency: min =`."""
    if name.text.lower() not in STATISTICS:
        return name
    heading = _HEADING.search("".join(tokens.texts[: place + 1])[:MAX_HEADING_CHARACTERS])
    if heading is None or not is_metric(heading[1]):
        return name
    return replace(name, text=f"{heading[1]} {name.text}")


def _without_lone_size(items: list[tuple[Name, int]]) -> list[tuple[Name, int]]:
    """Drop a bare `size` in a line without any other metric."""
    if len(items) != 1 or words_of(items[0][0].text) != "size":
        return items
    name, place = items[0]
    return items if place == 0 and name.begins else []


def _labelled(tokens: Tokens, items: list[tuple[Name, int]]) -> list[tuple[Name, int]]:
    """Return names with the class or the model that a line begins with: `headgear: AP=0.8`."""
    label = _LABEL.match(tokens.texts[0])
    if label is None or is_metric(label["label"]) or phase_of(label["label"]):
        return items
    if _NO_LABEL.intersection(label["label"].lower().split()):
        return items
    return [(replace(name, text=f"{label['label']} {name.text}"), at) for name, at in items]


def _with_divisors(tokens: Tokens, named: list[tuple[str, int]]) -> Iterator[Item]:
    """Yield the values; for `9800/10000 (98%)` the percentage, for `98/100` the quotient."""
    for name, place in named:
        if place + 1 == len(tokens.numbers) or not _RATIO.fullmatch(tokens.texts[place + 1]):
            yield Item(name=name, place=place, is_percent=_is_percent(tokens, place))
            continue
        behind = place + 2
        is_stated = behind < len(tokens.numbers) and _PERCENT_BEHIND.fullmatch(tokens.texts[behind])
        if is_stated and _is_percent(tokens, behind):
            yield Item(name=name, place=behind, is_percent=True)
        else:
            yield Item(name=name, place=place, divisor=place + 1)


def _is_percent(tokens: Tokens, place: int) -> bool:
    return tokens.texts[place + 1].lstrip().startswith("%")
